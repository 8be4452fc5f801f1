// SPDX-License-Identifier: MIT
// errno: numbers and names of the system's errors.
#include <cerrno>

#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/module.h"
#include "runtime/objects/str.h"

namespace mini {
namespace {

struct ErrorName {
  const char* name;
  int number;
};
// The last name of a number is the one in errorcode.
constexpr ErrorName kNames[] = {
#define ROW(name) {#name, name}
    ROW(EPERM), ROW(ENOENT), ROW(ESRCH), ROW(EINTR), ROW(EIO), ROW(ENXIO), ROW(E2BIG), ROW(ENOEXEC), ROW(EBADF), ROW(ECHILD),
    ROW(EAGAIN), ROW(EWOULDBLOCK), ROW(EAGAIN), ROW(ENOMEM), ROW(EACCES), ROW(EFAULT), ROW(ENOTBLK), ROW(EBUSY), ROW(EEXIST),
    ROW(EXDEV), ROW(ENODEV), ROW(ENOTDIR), ROW(EISDIR), ROW(EINVAL), ROW(ENFILE), ROW(EMFILE), ROW(ENOTTY), ROW(ETXTBSY),
    ROW(EFBIG), ROW(ENOSPC), ROW(ESPIPE), ROW(EROFS), ROW(EMLINK), ROW(EPIPE), ROW(EDOM), ROW(ERANGE), ROW(EDEADLK),
    ROW(EDEADLOCK), ROW(ENAMETOOLONG), ROW(ENOLCK), ROW(ENOSYS), ROW(ENOTEMPTY), ROW(ELOOP), ROW(ENOMSG), ROW(EIDRM), ROW(ENOSTR),
    ROW(ENODATA), ROW(ETIME), ROW(ENOSR), ROW(ENOLINK), ROW(EPROTO), ROW(EBADMSG), ROW(EOVERFLOW), ROW(EILSEQ), ROW(EUSERS),
    ROW(ENOTSOCK), ROW(EDESTADDRREQ), ROW(EMSGSIZE), ROW(EPROTOTYPE), ROW(ENOPROTOOPT), ROW(EPROTONOSUPPORT),
    ROW(ESOCKTNOSUPPORT), ROW(EOPNOTSUPP), ROW(ENOTSUP), ROW(EPFNOSUPPORT), ROW(EAFNOSUPPORT), ROW(EADDRINUSE),
    ROW(EADDRNOTAVAIL), ROW(ENETDOWN), ROW(ENETUNREACH), ROW(ENETRESET), ROW(ECONNABORTED), ROW(ECONNRESET), ROW(ENOBUFS),
    ROW(EISCONN), ROW(ENOTCONN), ROW(ESHUTDOWN), ROW(ETOOMANYREFS), ROW(ETIMEDOUT), ROW(ECONNREFUSED), ROW(EHOSTDOWN),
    ROW(EHOSTUNREACH), ROW(EALREADY), ROW(EINPROGRESS), ROW(ESTALE), ROW(EDQUOT), ROW(ECANCELED), ROW(EOWNERDEAD),
    ROW(ENOTRECOVERABLE), ROW(ECHRNG), ROW(EL2NSYNC), ROW(EL3HLT), ROW(EL3RST), ROW(ELNRNG), ROW(EUNATCH), ROW(ENOCSI), ROW(EL2HLT),
    ROW(EBADE), ROW(EBADR), ROW(EXFULL), ROW(ENOANO), ROW(EBADRQC), ROW(EBADSLT), ROW(EBFONT), ROW(ENONET), ROW(ENOPKG),
    ROW(EREMOTE), ROW(EADV), ROW(ESRMNT), ROW(ECOMM), ROW(EMULTIHOP), ROW(EDOTDOT), ROW(ENOTUNIQ), ROW(EBADFD), ROW(EREMCHG),
    ROW(ELIBACC), ROW(ELIBBAD), ROW(ELIBSCN), ROW(ELIBMAX), ROW(ELIBEXEC), ROW(ERESTART), ROW(ESTRPIPE), ROW(EUCLEAN),
    ROW(ENOTNAM), ROW(ENAVAIL), ROW(EISNAM), ROW(EREMOTEIO), ROW(ENOMEDIUM), ROW(EMEDIUMTYPE), ROW(ENOKEY), ROW(EKEYEXPIRED),
    ROW(EKEYREVOKED), ROW(EKEYREJECTED), ROW(ERFKILL),
#undef ROW
};

Value errno_setup(Thread& t, Module* m) {
  Dict* codes = make_dict(t);
  for (const ErrorName& row : kNames) {
    module_set(t, m, row.name, Value::of_int(row.number));
    TRY(dict_set_item(t, codes, Value::of_int(row.number), str_value(make_str(t, row.name))));
  }
  module_set(t, m, "errorcode", Value::of_object(codes));
  return Value::none();
}

}  // namespace

extern const NativeModule errno_module;
const NativeModule errno_module = {"errno", nullptr, 0, errno_setup, "Numbers and names of the system's errors."};

}  // namespace mini

// SPDX-License-Identifier: MIT
#include "runtime/objects/future.h"

#include "runtime/loop/event_loop.h"
#include "tests/unit/runtime/loop/with_loop.h"

namespace mini {
namespace {

class Futures : public WithLoop {
 protected:
  Future* make() {
    if (!loop_.is_object()) loop_ = call(t, Value::of_object(native_type(t, event_loop_layout)));
    return make_future(t, loop_.object);
  }
  Value loop_ = Value::empty();
};

TEST_F(Futures, LeavePendingOnce) {
  Future* f = make();
  EXPECT_EQ(future_state(f), FutureState::Pending);
  EXPECT_FALSE(future_is_done(f));
  EXPECT_FALSE(future_set_result(t, f, Value::of_int(3)).is_raised());
  EXPECT_TRUE(future_is_done(f));
  EXPECT_EQ(shown(future_take_result(t, f)), "3");
  EXPECT_EQ(shown(call_method(t, Value::of_object(f), intern(t, "set_result"), {Value::of_int(4)})), "raised: invalid state");
  EXPECT_EQ(shown(future_cancel(t, f, Value::none())), "False");
}

TEST_F(Futures, RefuseToGiveAResultThatIsNotThere) {
  Future* f = make();
  EXPECT_EQ(shown(future_take_result(t, f)), "raised: Result is not set.");
  EXPECT_EQ(shown(future_exception(t, f)), "raised: Exception is not set.");
}

TEST_F(Futures, RaiseTheExceptionThatWasSetAndRememberThatItWasAskedFor) {
  Future* f = make();
  (void)raise(t, ErrorType::ValueError, "wrong");
  EXPECT_FALSE(future_set_exception(t, f, take_exception(t)).is_raised());
  EXPECT_TRUE(f->extra & kFutureIsUnretrieved);
  EXPECT_EQ(shown(future_take_result(t, f)), "raised: wrong");
  EXPECT_FALSE(f->extra & kFutureIsUnretrieved);
}

TEST_F(Futures, GiveTheCancelMessageOn) {
  Future* f = make();
  EXPECT_EQ(shown(future_cancel(t, f, str("why"))), "True");
  EXPECT_EQ(future_state(f), FutureState::Cancelled);
  EXPECT_EQ(shown(future_take_result(t, f)), "raised: why");
  EXPECT_EQ(shown(future_take_result(t, f)), "raised: why");
}

TEST_F(Futures, ScheduleEachCallbackOnceInTheOrderOfAdding) {
  EXPECT_EQ(run(R"(
loop = asyncio.new_event_loop()
f = loop.create_future()
def callback(n):
    def call(f):
        log.append(n)
    return call
twice = callback('twice')
for c in (callback(1), twice, callback(2), twice, callback(3)):
    f.add_done_callback(c)
log.append(f.remove_done_callback(twice))
f.add_done_callback(callback(4))
f.set_result(None)
f.add_done_callback(callback(5))
loop.call_soon(loop.stop)
loop.run_forever()
loop.close()
)"),
            "[2, 1, 2, 3, 4, 5]");
}

TEST_F(Futures, AwaitDoneGivesTheResultWithoutATurn) {
  EXPECT_EQ(run(R"(
async def main():
    loop = asyncio.get_running_loop()
    f = loop.create_future()
    f.set_result(7)
    loop.call_soon(log.append, 'later')
    log.append(await f)
    log.append(await f)
asyncio.run(main())
)"),
            "[7, 7, 'later']");
}

TEST_F(Futures, CanBeDrivenByHand) {
  EXPECT_EQ(run(R"(
loop = asyncio.new_event_loop()
f = loop.create_future()
it = f.__await__()
log.append(next(it) is f)
log.append(f._asyncio_future_blocking)
try:
    next(it)
except RuntimeError as e:
    log.append(str(e))
it = f.__await__()
next(it)
f.set_result(9)
try:
    it.send(None)
except StopIteration as e:
    log.append(e.value)
loop.close()
)"),
            "[True, True, \"await wasn't used with future\", 9]");
}

}  // namespace
}  // namespace mini

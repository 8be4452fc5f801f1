// SPDX-License-Identifier: MIT
// Sockets on this side, MPI messages on the other: one thread carries bytes between the two, so what talks to a worker process talks to
// a rank in the same way.
//
// MPI gives nothing to wait for, so the thread looks again and again: at once while something moves, then after ever longer naps of up
// to a millisecond. It is the only one that calls MPI.
//
//   message | between            | means
//   Open    | first -> other     | a session begins
//   Data    | both ways          | bytes of the session
//   Close   | both ways          | no more of them; the session is over when both have said so
//   End     | first -> other     | no more sessions
#include "runtime/mpi/bridge.h"

#include <fcntl.h>
#include <mpi.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace {

enum Tag : int { kOpen = 1, kData, kClose, kEnd };

constexpr size_t kChunk = size_t{256} << 10;
constexpr int kMostUnderWay = 4;      // chunks that one session has on their way
constexpr int kEagerRounds = 200;     // without progress, before the naps begin
constexpr long kFirstNap = 20'000, kLongestNap = 1'000'000;   // nanoseconds

struct Session {
  int fd;
  int under_way = 0;
  std::string out;                    // for the socket
  bool sent_close = false, got_close = false, is_shut = false;
};

struct Sending {
  int rank;
  bool is_data;
  std::vector<char> bytes;
  MPI_Request request;
};

class Bridge {
 public:
  int start(int* rank, int* size);
  int open(int rank);
  int sessions() const { return session_pipe_[0]; }
  void stop();

 private:
  static void* thread_main(void* self) { static_cast<Bridge*>(self)->run(); return nullptr; }
  void run();
  bool step();
  void begin_session(int rank, int fd);
  void send(int rank, Tag tag, std::vector<char> bytes = {});
  bool receive();
  bool finish_sends();
  bool serve_socket(int rank, Session& session, short events);
  void read_socket(int rank, Session& session);
  bool flush(Session& session);
  void drop_finished();
  void nap(long nanoseconds);

  int rank_ = 0, size_ = 1;
  pthread_t thread_{};
  std::mutex mutex_;                  // guards what follows
  std::condition_variable changed_;
  bool is_up_ = false, is_stopping_ = false;
  int error_ = 0;
  std::vector<std::pair<int, int>> requested_;   // (rank, socket) of sessions to open
  std::vector<bool> is_taken_;        // by rank: has a session

  // The thread's own.
  std::map<int, Session> open_;
  std::list<Sending> sends_;
  int session_pipe_[2] = {-1, -1};
  bool has_ended_ = false;            // others: End has come
  int waker_ = -1;
};

int Bridge::start(int* rank, int* size) {
  waker_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (waker_ < 0 || pipe2(session_pipe_, O_CLOEXEC) != 0) return errno;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = pthread_create(&thread_, nullptr, thread_main, this);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (error) return error;
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return is_up_ || error_; });
  *rank = rank_;
  *size = size_;
  return error_;
}

int Bridge::open(int rank) {
  int ends[2];
  std::lock_guard guard(mutex_);
  if (rank <= 0 || rank >= size_ || is_taken_[rank] || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return -1;
  is_taken_[rank] = true;
  requested_.emplace_back(rank, ends[1]);
  uint64_t one = 1;
  (void)!write(waker_, &one, sizeof one);
  return ends[0];
}

void Bridge::stop() {
  {
    std::lock_guard guard(mutex_);
    is_stopping_ = true;
  }
  uint64_t one = 1;
  (void)!write(waker_, &one, sizeof one);
  pthread_join(thread_, nullptr);
}

void Bridge::begin_session(int rank, int fd) {
  fcntl(fd, F_SETFL, O_NONBLOCK);
  open_[rank].fd = fd;
}

void Bridge::send(int rank, Tag tag, std::vector<char> bytes) {
  sends_.push_back({rank, tag == kData, std::move(bytes), MPI_REQUEST_NULL});
  Sending& s = sends_.back();
  MPI_Isend(s.bytes.data(), static_cast<int>(s.bytes.size()), MPI_BYTE, rank, tag, MPI_COMM_WORLD, &s.request);
}

bool Bridge::finish_sends() {
  bool moved = false;
  for (auto s = sends_.begin(); s != sends_.end();) {
    int is_done = 0;
    MPI_Test(&s->request, &is_done, MPI_STATUS_IGNORE);
    if (!is_done) { ++s; continue; }
    auto session = open_.find(s->rank);
    if (s->is_data && session != open_.end()) --session->second.under_way;
    s = sends_.erase(s);
    moved = true;
  }
  return moved;
}

bool Bridge::receive() {
  bool moved = false;
  for (;;) {
    int is_there = 0, count = 0;
    MPI_Message message;
    MPI_Status status;
    MPI_Improbe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &is_there, &message, &status);
    if (!is_there) return moved;
    moved = true;
    MPI_Get_count(&status, MPI_BYTE, &count);
    std::vector<char> bytes(static_cast<size_t>(count));
    MPI_Mrecv(bytes.data(), count, MPI_BYTE, &message, MPI_STATUS_IGNORE);
    if (status.MPI_TAG == kOpen) {
      int ends[2];
      if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) MPI_Abort(MPI_COMM_WORLD, 1);
      begin_session(status.MPI_SOURCE, ends[1]);
      (void)!write(session_pipe_[1], &ends[0], sizeof ends[0]);
    } else if (status.MPI_TAG == kEnd) {
      has_ended_ = true;
      close(session_pipe_[1]);
    } else if (auto session = open_.find(status.MPI_SOURCE); session != open_.end()) {
      if (status.MPI_TAG == kClose) session->second.got_close = true;
      else session->second.out.append(bytes.data(), bytes.size());
      flush(session->second);
    }
  }
}

// Writes what the socket takes. True when something moved.
bool Bridge::flush(Session& session) {
  size_t written = 0;
  while (written < session.out.size()) {
    ssize_t n = ::send(session.fd, session.out.data() + written, session.out.size() - written, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno != EAGAIN) written = session.out.size();   // nobody reads any more
    if (n <= 0) break;
    written += static_cast<size_t>(n);
  }
  session.out.erase(0, written);
  if (session.got_close && session.out.empty() && !session.is_shut) {
    shutdown(session.fd, SHUT_WR);
    session.is_shut = true;
    return true;
  }
  return written > 0;
}

void Bridge::read_socket(int rank, Session& session) {
  std::vector<char> bytes(kChunk);
  ssize_t n = recv(session.fd, bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) {
    session.sent_close = true;
    return send(rank, kClose);
  }
  bytes.resize(static_cast<size_t>(n));
  ++session.under_way;
  send(rank, kData, std::move(bytes));
}

bool Bridge::serve_socket(int rank, Session& session, short events) {
  bool moved = false;
  if (events & POLLOUT) moved = flush(session);
  if (events & (POLLIN | POLLHUP | POLLERR) && !session.sent_close && session.under_way < kMostUnderWay) {
    read_socket(rank, session);
    moved = true;
  }
  return moved;
}

void Bridge::drop_finished() {
  for (auto it = open_.begin(); it != open_.end();) {
    Session& session = it->second;
    if (!session.sent_close || !session.got_close || !session.out.empty()) { ++it; continue; }
    close(session.fd);
    std::lock_guard guard(mutex_);
    is_taken_[it->first] = false;
    changed_.notify_all();
    it = open_.erase(it);
  }
}

// One look at everything. True when something moved.
bool Bridge::step() {
  std::vector<std::pair<int, int>> requested;
  {
    std::lock_guard guard(mutex_);
    requested.swap(requested_);
  }
  for (auto [rank, fd] : requested) {
    begin_session(rank, fd);
    send(rank, kOpen);
  }
  bool moved = !requested.empty() || false;
  moved |= receive();
  moved |= finish_sends();
  std::vector<pollfd> polled;
  std::vector<int> ranks;
  for (auto& [rank, session] : open_) {
    short events = 0;
    if (!session.sent_close && session.under_way < kMostUnderWay) events |= POLLIN;
    if (!session.out.empty()) events |= POLLOUT;
    if (!events) continue;
    polled.push_back({session.fd, events, 0});
    ranks.push_back(rank);
  }
  if (poll(polled.data(), polled.size(), 0) > 0)
    for (size_t i = 0; i < polled.size(); ++i)
      if (polled[i].revents) moved |= serve_socket(ranks[i], open_[ranks[i]], polled[i].revents);
  drop_finished();
  return moved;
}

// Ends early when a socket has something to read or a command comes.
void Bridge::nap(long nanoseconds) {
  std::vector<pollfd> polled{{waker_, POLLIN, 0}};
  for (auto& [rank, session] : open_)
    if (!session.sent_close && session.under_way < kMostUnderWay) polled.push_back({session.fd, POLLIN, 0});
  timespec time{0, nanoseconds};
  ppoll(polled.data(), polled.size(), &time, nullptr);
  uint64_t ignored;
  if (polled[0].revents) (void)!read(waker_, &ignored, sizeof ignored);
}

void Bridge::run() {
  int provided, is_running = 0;
  int failed = MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided);
  MPI_Initialized(&is_running);
  if (!failed && is_running) {
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &size_);
  }
  {
    std::lock_guard guard(mutex_);
    is_taken_.assign(static_cast<size_t>(size_), false);
    is_up_ = !failed;
    error_ = failed ? EIO : 0;
    changed_.notify_all();
  }
  if (failed) return;
  long idle = 0, length = kFirstNap;
  bool has_said_end = false;
  for (;;) {
    if (step()) {
      idle = 0;
      length = kFirstNap;
    } else if (++idle < kEagerRounds) {
      sched_yield();
    } else {
      nap(length);
      length = std::min(length * 2, kLongestNap);
    }
    std::lock_guard guard(mutex_);
    if (!is_stopping_ || !open_.empty() || !requested_.empty()) continue;
    if (rank_ == 0 && !has_said_end) {
      for (int other = 1; other < size_; ++other) send(other, kEnd);
      has_said_end = true;
    }
    if (sends_.empty() && (rank_ == 0 || has_ended_)) break;
  }
  MPI_Finalize();
}

Bridge& bridge() {
  static Bridge& only = *new Bridge;   // for ever: MPI can be joined once in the life of a process
  return only;
}

}  // namespace

extern "C" const MiniMpi* mini_mpi() {
  static const MiniMpi functions = {
      [](int* rank, int* size) { return bridge().start(rank, size); },
      [](int rank) { return bridge().open(rank); },
      [] { return bridge().sessions(); },
      [] { bridge().stop(); },
  };
  return &functions;
}

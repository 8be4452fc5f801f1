// SPDX-License-Identifier: MIT
#include "runtime/objects/task.h"

#include "runtime/loop/event_loop.h"
#include "tests/unit/runtime/loop/with_loop.h"

namespace mini {
namespace {

class Tasks : public WithLoop {};

TEST_F(Tasks, TakeOneTurnForEachSuspension) {
  EXPECT_EQ(run(R"(
loop = asyncio.new_event_loop()
async def work():
    log.append('begin')
    await asyncio.sleep(0)
    log.append('middle')
    await asyncio.sleep(0)
    log.append('end')
    return 5
task = loop.create_task(work())
for turn in range(4):
    loop._run_once() if loop._counts()[0] else None
    log.append((turn, task.done()))
log.append(task.result())
loop.close()
)"),
            "['begin', (0, False), 'middle', (1, False), 'end', (2, True), (3, True), 5]");
}

TEST_F(Tasks, ArePendingTasksOfTheirLoopUntilDone) {
  EXPECT_EQ(run(R"(
loop = asyncio.new_event_loop()
async def work():
    pass
a, b = loop.create_task(work()), loop.create_task(work())
log.append([t.get_name() for t in loop._tasks()])
b.cancel()
loop._run_once()
log.append(len(loop._tasks()))
log.append((a.done(), b.cancelled()))
loop.close()
)"),
            "[['Task-1', 'Task-2'], 0, (True, True)]");
}

TEST_F(Tasks, CancelWhatTheyWaitFor) {
  EXPECT_EQ(run(R"(
async def main():
    f = asyncio.get_running_loop().create_future()
    async def waits():
        try:
            await f
        except asyncio.CancelledError as e:
            log.append(('inside', e.args))
            raise
    task = asyncio.create_task(waits())
    await asyncio.sleep(0)
    task.cancel('stop')
    log.append((f.cancelled(), task.done()))
    try:
        await task
    except asyncio.CancelledError as e:
        log.append(('outside', e.args))
asyncio.run(main())
)"),
            "[(True, False), ('inside', ('stop',)), ('outside', ('stop',))]");
}

TEST_F(Tasks, ResumeDeepChainsOfAwaits) {
  EXPECT_EQ(run(R"(
async def deep(n):
    if n == 0:
        for _ in range(3):
            await asyncio.sleep(1)
        return 'bottom'
    return await deep(n - 1)
log.append(asyncio.run(deep(500)))
)"),
            "['bottom']");
}

TEST_F(Tasks, DriveObjectsThatOnlyLookLikeCoroutines) {
  EXPECT_EQ(run(R"(
class Steps:
    def __init__(self):
        self.n = 0
    def send(self, value):
        self.n += 1
        log.append(self.n)
        if self.n == 3:
            raise StopIteration('result')
    def throw(self, *args):
        raise args[0]
    def close(self):
        pass
    def __await__(self):
        return self
async def main():
    log.append(await asyncio.create_task(Steps()))
asyncio.run(main())
)"),
            "[1, 2, 3, 'result']");
}

TEST_F(Tasks, RunOnLoopsWithTheirOwnCallSoon) {
  EXPECT_EQ(run(R"(
class Watched(asyncio.SelectorEventLoop):
    def call_soon(self, callback, *args, context=None):
        log.append('soon')
        return super().call_soon(callback, *args, context=context)
async def main():
    await asyncio.sleep(0)
    return 'done'
loop = Watched()
log.append(loop.run_until_complete(main()))
loop.close()
)"),
            "['soon', 'soon', 'soon', 'done']");
}

TEST_F(Tasks, KeepTheirContextFromStepToStep) {
  EXPECT_EQ(run(R"(
import contextvars
v = contextvars.ContextVar('v', default=0)
async def work(n):
    v.set(n)
    await asyncio.sleep(0)
    log.append(v.get())
    v.set(n * 10)
    await asyncio.sleep(0)
    log.append(v.get())
async def main():
    await asyncio.gather(work(1), work(2))
    log.append(v.get())
asyncio.run(main())
)"),
            "[1, 2, 10, 20, 0]");
}

}  // namespace
}  // namespace mini

// SPDX-License-Identifier: MIT
#include "runtime/loop/event_loop.h"

#include "tests/unit/runtime/loop/with_loop.h"

namespace mini {
namespace {

class EventLoops : public WithLoop {};

TEST_F(EventLoops, RunTheBatchThatWasReadyAtTheStartOfATurn) {
  EXPECT_EQ(run(R"(
loop = asyncio.new_event_loop()
def again(n):
    log.append(n)
    if n < 3:
        loop.call_soon(again, n + 1)
loop.call_soon(again, 1)
loop.call_soon(log.append, 'a')
loop._run_once()
log.append('turn')
loop._run_once()
log.append('turn')
loop._run_once()
loop.close()
)"),
            "[1, 'a', 'turn', 2, 'turn', 3]");
}

TEST_F(EventLoops, JumpToTheNextTimerWhenNothingIsReady) {
  EXPECT_EQ(run(R"(
loop = asyncio.new_event_loop()
start = loop.time()
def hit(name):
    log.append((name, round(loop.time() - start)))
loop.call_later(3600, hit, 'hour')
loop.call_later(60, hit, 'minute')
loop.call_later(86400, loop.stop)
loop.run_forever()
loop.close()
)"),
            "[('minute', 60), ('hour', 3600)]");
  EXPECT_EQ(clock_.waits, 3);
}

TEST_F(EventLoops, CallTimersWithTheSameDeadlineInHeapqsOrder) {
  EXPECT_EQ(run(R"(
loop = asyncio.new_event_loop()
when = loop.time() + 1
for i in range(8):
    loop.call_at(when, log.append, i)
loop.call_at(when + 1, loop.stop)
loop.run_forever()
loop.close()
)"),
            "[0, 2, 6, 5, 7, 1, 3, 4]");
}

TEST_F(EventLoops, DropCancelledTimers) {
  EXPECT_EQ(run(R"(
loop = asyncio.new_event_loop()
handles = [loop.call_later(1, log.append, i) for i in range(300)]
for h in handles[:290]:
    h.cancel()
loop.call_soon(loop.stop)
loop.run_forever()
log.append(loop._counts())
loop.call_later(2, loop.stop)
loop.run_forever()
log.sort(key=str)
loop.close()
)"),
            "[(0, 10, 0), 290, 291, 292, 293, 294, 295, 296, 297, 298, 299]");
}

TEST_F(EventLoops, StopAfterTheTurnThatIsUnderWay) {
  EXPECT_EQ(run(R"(
loop = asyncio.new_event_loop()
loop.call_soon(loop.stop)
loop.call_soon(log.append, 'same turn')
loop.call_soon(loop.call_soon, log.append, 'next turn')
loop.run_forever()
log.append('stopped')
loop.call_soon(loop.stop)
loop.run_forever()
loop.close()
)"),
            "['same turn', 'stopped', 'next turn']");
}

TEST_F(EventLoops, SurviveCallbacksThatCloseOrClearTheQueue) {
  EXPECT_EQ(run(R"(
loop = asyncio.new_event_loop()
def try_close():
    try:
        loop.close()
    except RuntimeError as e:
        log.append(str(e))
loop.call_soon(try_close)
loop.call_soon(loop.stop)
loop.run_forever()
loop.close()
loop.close()
)"),
            "['Cannot close a running event loop']");
}

TEST_F(EventLoops, CountAsNotRunningAfterABaseExceptionLeftThem) {
  EXPECT_EQ(run(R"(
loop = asyncio.new_event_loop()
def leave():
    raise KeyboardInterrupt
loop.call_soon(leave)
loop.call_soon(log.append, 'kept')
try:
    loop.run_forever()
except KeyboardInterrupt:
    log.append('left')
log.append(loop.is_running())
loop.call_soon(loop.stop)
loop.run_forever()
loop.close()
)"),
            "['left', False, 'kept']");
}

TEST_F(EventLoops, KeepWhatIsScheduledAliveThroughCollections) {
  EXPECT_EQ(run(R"(
import gc
loop = asyncio.new_event_loop()
def make(n):
    return lambda: log.append('x' * n)
for n in range(3):
    loop.call_soon(make(n))
    loop.call_later(n + 1, make(n + 3))
async def task(n):
    await asyncio.sleep(n)
    log.append(n)
for n in (5, 6):
    loop.create_task(task(n))
gc.collect()
loop.call_later(10, loop.stop)
loop.call_soon(gc.collect)
loop.run_forever()
loop.close()
)"),
            "['', 'x', 'xx', 'xxx', 'xxxx', 'xxxxx', 5, 6]");
}

TEST_F(EventLoops, RunSleepingTasksInTheOrderOfTheirDeadlines) {
  EXPECT_EQ(run(R"(
async def sleeper(n):
    await asyncio.sleep(n * 1000)
    log.append(n)
async def main():
    await asyncio.gather(*[sleeper(n) for n in (5, 3, 8, 1, 4)])
    log.append(round(asyncio.get_running_loop().time() - start))
start = asyncio.get_event_loop().time()
asyncio.run(main())
)"),
            "[1, 3, 4, 5, 8, 8000]");
}

TEST_F(EventLoops, TimeoutsNeedNoRealTime) {
  EXPECT_EQ(run(R"(
async def main():
    try:
        await asyncio.wait_for(asyncio.sleep(1000), 10)
    except TimeoutError:
        log.append('wait_for')
    try:
        async with asyncio.timeout(100):
            await asyncio.Event().wait()
    except TimeoutError:
        log.append('timeout')
    done, pending = await asyncio.wait([asyncio.create_task(asyncio.sleep(n)) for n in (1, 50)], timeout=10)
    log.append((len(done), len(pending)))
asyncio.run(main())
)"),
            "['wait_for', 'timeout', (1, 1)]");
}

}  // namespace
}  // namespace mini

/**
 * How long the event loop was held at most, in milliseconds of this thread's own work: what other processes take from it on a busy
 * machine does not count. `using watch = watchLoop(); …; watch.longest()`.
 */
const EVERY_MS = 10;

export function watchLoop(): { longest(): number } & Disposable {
  let longest = 0;
  let [at, work] = [performance.now(), worked()];
  const look = (): void => {
    const [now, done] = [performance.now(), worked()];
    longest = Math.max(longest, Math.min(now - at - EVERY_MS, done - work));
    [at, work] = [now, done];
  };
  const timer = setInterval(look, EVERY_MS);
  return {
    longest() {
      look();
      return longest;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

function worked(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

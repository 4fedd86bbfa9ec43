/**
 * Milliseconds that this thread has worked since: `const spent = processorTime(); …; spent()`. What other processes take from it on a
 * busy machine does not count.
 */
export function processorTime(): () => number {
  const begun = process.threadCpuUsage();
  return () => {
    const { user, system } = process.threadCpuUsage(begun);
    return (user + system) / 1_000;
  };
}

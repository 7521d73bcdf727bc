/** Keeps one processor busy. Argument: for how many milliseconds. */
const until = performance.now() + Number(process.argv[2])
while (performance.now() < until) Math.sqrt(until)

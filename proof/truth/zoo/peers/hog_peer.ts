/** Takes a processor for itself. Argument: for how many milliseconds. */
const until = performance.now() + Number(process.argv[2])
while (performance.now() < until) Math.sqrt(until)

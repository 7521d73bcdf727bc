/** Keeps one processor busy until it is ended. */
process.send?.('ready')
for (;;);

<?php
// The zoo's application for PHP. It writes down what happens to it, one JSON object a line; see README.md. PHP begins
// anew with every request: a file named by the process and its start remembers that this worker has started.
$cameMs = microtime(true) * 1000;
$pid = getmypid();
$fields = explode(' ', substr(strrchr(file_get_contents('/proc/self/stat'), ')'), 2));
$ticks = (int) $fields[19];
$worker = "$pid-$ticks";
$log = getenv('ZOO_LOG');

function note(string $what, array $more = []): void
{
    global $log, $pid, $worker;
    $line = ['what' => $what, 'atMs' => round(microtime(true) * 1000, 1), 'pid' => $pid, 'worker' => $worker];
    file_put_contents($log, json_encode($line + $more, JSON_UNESCAPED_SLASHES) . "\n", FILE_APPEND);
}

$started = dirname($log) . "/started-$worker";
if (!file_exists($started)) {
    touch($started);
    $upS = (float) explode(' ', file_get_contents('/proc/uptime'))[0];
    note('born', ['bornMs' => round($cameMs - ($upS - $ticks / 100) * 1000, 1)]);
    // What applications do when they start: compile, fill caches, open connections.
    usleep((int) getenv('ZOO_COLD_MS') * 1000);
    note('ready');
}

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$usualMs = str_starts_with($path, '/report') ? (int) getenv('ZOO_SLOW_MS') : 6;
usleep((int) ($usualMs * (700 + mt_rand(0, 600))));
if (getenv('ZOO_SHOWN') === '1') {
    header("X-Worker: $worker");
    header('X-Node: ' . getenv('ZOO_NODE'));
}
echo "<html><body><h1>Welcome</h1></body></html>\n";
$id = $_SERVER['HTTP_X_FARMPROBE_ID'] ?? '';
note('request', ['cameMs' => round($cameMs, 1), 'id' => $id, 'path' => $path, 'status' => 200]);

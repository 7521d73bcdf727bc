<?php
// The zoo's application for PHP. It logs its own life cycle and every request as JSON lines; see README.md. PHP keeps no
// state between requests: a file named after the process and its start time marks a worker that has started.
$cameMs = microtime(true) * 1000;
$pid = getmypid();
$fields = explode(' ', substr(strrchr(file_get_contents('/proc/self/stat'), ')'), 2));
$ticks = (int) $fields[19];
$startedS = array_column(fpm_get_status()['procs'], 'start-time', 'pid')[$pid];
$worker = "$pid-$startedS";
$log = getenv('ZOO_LOG');

function log_line(string $what, array $more = []): void
{
    global $log, $pid, $worker;
    $line = ['what' => $what, 'atMs' => round(microtime(true) * 1000, 1), 'pid' => $pid, 'worker' => $worker];
    file_put_contents($log, json_encode($line + $more, JSON_UNESCAPED_SLASHES) . "\n", FILE_APPEND);
}

$started = dirname($log) . "/started-$worker";
if (!file_exists($started)) {
    touch($started);
    $upS = (float) explode(' ', file_get_contents('/proc/uptime'))[0];
    log_line('born', ['bornMs' => round($cameMs - ($upS - $ticks / 100) * 1000, 1)]);
    // Stands for what applications do when they start: compile, fill caches, open connections.
    usleep((int) getenv('ZOO_COLD_MS') * 1000);
    log_line('ready');
}

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$usualMs = str_starts_with($path, '/report') ? (int) getenv('ZOO_SLOW_MS') : 6;
usleep((int) ($usualMs * (700 + mt_rand(0, 600))));
header("X-Worker: $worker");
header('X-Node: ' . getenv('ZOO_NODE'));
echo "<html><body><h1>Welcome</h1></body></html>\n";
$id = $_SERVER['HTTP_X_FARMPROBE_ID'] ?? '';
log_line('request', ['cameMs' => round($cameMs, 1), 'id' => $id, 'path' => $path, 'status' => 200]);

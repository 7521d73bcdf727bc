<?php
// Adds X-Node and X-Worker to every answer, for farmprobe: the machine, and the process, that answered. Set it in the pool,
// `php_value[auto_prepend_file] = /path/to/farmprobe_identity.php`, or in php.ini, or include it first. With FARMPROBE_KEY
// in the environment only requests with that value in the header X-Farmprobe-Key get the headers.
(static function (): void {
    $key = (string) getenv('FARMPROBE_KEY');
    if ($key !== '' && !hash_equals($key, (string) ($_SERVER['HTTP_X_FARMPROBE_KEY'] ?? ''))) {
        return;
    }
    // PHP-FPM knows when each of its processes started, in seconds since 1970. Elsewhere Linux tells it in ticks since its boot.
    $processes = function_exists('fpm_get_status') ? array_column(fpm_get_status()['procs'], 'start-time', 'pid') : [];
    $started = $processes[getmypid()] ?? null;
    if ($started === null && ($stat = @file_get_contents('/proc/self/stat')) !== false) {
        $started = explode(' ', substr(strrchr($stat, ')'), 2))[19];
    }
    header('X-Node: ' . gethostname());
    header('X-Worker: ' . getmypid() . ($started === null ? '' : "-$started"));
})();

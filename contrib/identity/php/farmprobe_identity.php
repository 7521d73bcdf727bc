<?php
// Adds X-Node and X-Worker to every answer, for farmprobe: which machine, and which process, gave it. Name it in php.ini or
// in the pool's configuration, `php_value[auto_prepend_file] = /path/to/farmprobe_identity.php`, or include it first. With
// FARMPROBE_KEY in the environment only answers to requests with that value in the header X-Farmprobe-Key carry them.
(static function (): void {
    $key = (string) getenv('FARMPROBE_KEY');
    if ($key !== '' && !hash_equals($key, (string) ($_SERVER['HTTP_X_FARMPROBE_KEY'] ?? ''))) {
        return;
    }
    // Linux says when a process was started; elsewhere its number alone has to do.
    $stat = @file_get_contents('/proc/self/stat');
    $started = $stat === false ? '' : '-' . explode(' ', substr(strrchr($stat, ')'), 2))[19];
    header('X-Node: ' . gethostname());
    header('X-Worker: ' . getmypid() . $started);
})();

# The zoo's application for Rack servers. It logs its own life cycle and every request as JSON lines; see README.md.
require 'json'

# Puma restarts by executing itself again, which keeps the pid: the start time tells the workers apart.
class Zoo
  NODE = ENV.fetch('ZOO_NODE')
  SLOW_MS = ENV.fetch('ZOO_SLOW_MS').to_f
  LOG = File.open(ENV.fetch('ZOO_LOG'), File::WRONLY | File::APPEND | File::CREAT, 0o666)

  def self.now_ms = Process.clock_gettime(Process::CLOCK_REALTIME, :float_millisecond)

  BORN_MS = now_ms
  WORKER = "#{Process.pid}-#{BORN_MS.to_i}"

  def self.log(what, **more)
    line = { what:, atMs: now_ms.round(1), pid: Process.pid, worker: WORKER, **more }
    LOG.syswrite("#{JSON.generate(line)}\n")
  end

  def self.start
    log('born', bornMs: BORN_MS.round(1))
    # Stands for what applications do when they start: load code, fill caches, open connections.
    sleep(ENV.fetch('ZOO_COLD_MS').to_f / 1000)
    log('ready')
    at_exit { log('end') }
  end

  def call(env)
    came_ms = Zoo.now_ms
    path = env['PATH_INFO']
    usual_ms = path.start_with?('/report') ? SLOW_MS : 6
    sleep(usual_ms * (0.7 + rand * 0.6) / 1000)
    Zoo.log('request', cameMs: came_ms.round(1), id: env['HTTP_X_FARMPROBE_ID'].to_s, path:, status: 200)
    headers = { 'content-type' => 'text/html', 'x-worker' => WORKER, 'x-node' => NODE }
    [200, headers, ["<html><body><h1>Welcome</h1></body></html>\n"]]
  end
end

Zoo.start
run Zoo.new

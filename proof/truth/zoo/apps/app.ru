# The zoo's application for Ruby's web servers. It writes down what happens to it, one JSON object a line; see README.md.
require 'json'

# One for each process, or start of one: `exec` keeps the number of the process.
class Zoo
  NODE = ENV.fetch('ZOO_NODE')
  SLOW_MS = ENV.fetch('ZOO_SLOW_MS').to_f
  SHOWN = ENV['ZOO_SHOWN'] == '1'
  LOG = File.open(ENV.fetch('ZOO_LOG'), File::WRONLY | File::APPEND | File::CREAT, 0o666)

  def self.now_ms = Process.clock_gettime(Process::CLOCK_REALTIME, :float_millisecond)

  BORN_MS = now_ms
  WORKER = "#{Process.pid}-#{BORN_MS.to_i}"

  def self.note(what, **more)
    line = { what:, atMs: now_ms.round(1), pid: Process.pid, worker: WORKER, **more }
    LOG.syswrite("#{JSON.generate(line)}\n")
  end

  def self.start
    note('born', bornMs: BORN_MS.round(1))
    # What applications do when they start: load code, fill caches, open connections.
    sleep(ENV.fetch('ZOO_COLD_MS').to_f / 1000)
    note('ready')
    at_exit { note('end') }
  end

  def call(env)
    came_ms = Zoo.now_ms
    path = env['PATH_INFO']
    usual_ms = path.start_with?('/report') ? SLOW_MS : 6
    sleep(usual_ms * (0.7 + rand * 0.6) / 1000)
    Zoo.note('request', cameMs: came_ms.round(1), id: env['HTTP_X_FARMPROBE_ID'].to_s, path:, status: 200)
    headers = { 'content-type' => 'text/html' }
    headers.update('x-worker' => WORKER, 'x-node' => NODE) if SHOWN
    [200, headers, ["<html><body><h1>Welcome</h1></body></html>\n"]]
  end
end

Zoo.start
run Zoo.new

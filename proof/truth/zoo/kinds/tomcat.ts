/** Tomcat: context reloads and process restarts, with and without a fading warm-up. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { accessLog } from '../balancers/apache.ts'
import type { Kind, NodeServer, NodeSetting } from '../kind.ts'
import type { Running } from '../run/processes.ts'
import { apps } from './applications.ts'
import { accessFormat, accessLines } from './mod_wsgi.ts'
import { nowAndThen, oneAfterTheOther } from './timetables.ts'

/** Debian's folder. */
const home = '/usr/share/tomcat10'

interface Tomcat {
  /** The extra time of the first request after a start; it fades with every further request. */
  readonly fadingMs?: number
  /** Listens after the start of the application: until then connections are refused. */
  readonly bindsLate?: boolean
}

async function startTomcat(
  setting: NodeSetting,
  { fadingMs = 0, bindsLate = false }: Tomcat,
): Promise<NodeServer> {
  const { host, port, dir, env, start } = setting
  const application = prepare(setting, bindsLate)
  const program = {
    command: 'java',
    args: [
      '-Xmx96m',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-cp',
      ['bin/bootstrap.jar', 'bin/tomcat-juli.jar'].map((jar) => join(home, jar)).join(':'),
      `-Dcatalina.home=${home}`,
      `-Dcatalina.base=${dir}`,
      'org.apache.catalina.startup.Bootstrap',
      'start',
    ],
    env: { ...env, ZOO_FADING_MS: String(fadingMs) },
    output: join(dir, 'output'),
  }
  let running: Running = await start({ ...program, listens: { host, port } })
  return {
    actions: {
      // Tomcat checks every second whether a class has changed.
      reload: () => utimesSync(application, new Date(), new Date()),
      async restart() {
        await running.stop()
        running = await start(program)
      },
    },
    logs: () => ({ requests: accessLines(join(dir, 'logs')) }),
  }
}

/** Writes the files of an own Tomcat; returns the path of the application's class. */
function prepare({ host, port, dir }: NodeSetting, bindsLate: boolean): string {
  const inf = join(dir, 'app', 'WEB-INF')
  for (const folder of ['conf', 'logs', 'temp', 'work']) mkdirSync(join(dir, folder))
  const classes = join(inf, 'classes')
  mkdirSync(classes, { recursive: true })
  const classpath = join(home, 'lib', 'servlet-api.jar')
  execFileSync('javac', ['-cp', classpath, '-d', classes, join(apps, 'tomcat', 'Zoo.java')])
  writeFileSync(join(inf, 'web.xml'), webXml)
  writeFileSync(join(dir, 'conf', 'server.xml'), serverXml(host, port, dir, bindsLate))
  return join(classes, 'Zoo.class')
}

const webXml = `<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">
  <listener><listener-class>Zoo</listener-class></listener>
  <servlet><servlet-name>zoo</servlet-name><servlet-class>Zoo</servlet-class></servlet>
  <servlet-mapping><servlet-name>zoo</servlet-name><url-pattern>/*</url-pattern></servlet-mapping>
</web-app>
`

const serverXml = (host: string, port: number, dir: string, bindsLate: boolean): string => `
<Server port="-1">
  <Service name="Catalina">
    <Connector address="${host}" port="${port}" protocol="HTTP/1.1" bindOnInit="${bindsLate ? 'false' : 'true'}"/>
    <Engine name="Catalina" defaultHost="zoo" backgroundProcessorDelay="1">
      <Host name="zoo" appBase="none" autoDeploy="false" deployOnStartup="false">
        <Context path="" docBase="${dir}/app" reloadable="true"/>
        <Valve className="org.apache.catalina.valves.AccessLogValve" directory="logs" prefix="${accessLog}" suffix=""
          fileDateFormat="" rotatable="false" buffered="false" pattern="${accessFormat.replace('>', '')}"/>
      </Host>
    </Engine>
  </Service>
</Server>
`

const needs = [
  ['java', 'default-jdk-headless'],
  ['javac', 'default-jdk-headless'],
  [`${home}/bin/bootstrap.jar`, 'tomcat10-common'],
] as const

const common = {
  needs,
  slowMs: 600,
  concurrency: { workers: 1, threads: 100 },
  users: { perSecond: 2 },
  cpuPercent: 16,
} as const

export const tomcatKinds: readonly Kind[] = [
  {
    ...common,
    name: 'tomcat',
    about: 'context reloads: waiting requests are retried once a second, cold for 2 s',
    coldMs: 2000,
    cause: 'demand',
    balancer: { product: 'apache', timeoutMs: 5000, keepAlive: true },
    actions: nowAndThen('reload', 20),
    startNode: (setting) => startTomcat(setting, {}),
  },
  {
    ...common,
    name: 'tomcat-fading',
    about: 'context reloads: cold for 5 s, then slow, and less so with each of 25 requests',
    coldMs: 5000,
    cause: 'demand',
    balancer: { product: 'nginx', timeoutMs: 4000 },
    actions: nowAndThen('reload', 25),
    startNode: (setting) => startTomcat(setting, { fadingMs: 1500 }),
  },
  {
    ...common,
    name: 'tomcat-process',
    about: 'process restarts, node after node: connections are refused for about 15 s',
    coldMs: 14_000,
    cause: 'deploy',
    refuses: true,
    balancer: { product: 'haproxy', timeoutMs: 5000, health: true, retry: true },
    actions: oneAfterTheOther('restart', 25, 20),
    startNode: (setting) => startTomcat(setting, { bindsLate: true }),
  },
]

import { execFileSync } from 'node:child_process'
import { cp, mkdir, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { suiteWith } from '../support/processes/real_binaries.ts'
import { startProcess } from '../support/processes/real_process.ts'
import { freePort } from '../support/servers/loopback_port.ts'
import { tempDir } from '../support/temp_dir.ts'
import { identityFile, key, newWorker, shown } from './identity_files.ts'

const home = '/usr/share/tomcat10'

const server = (port: number, app: string) => `
<Server port="-1">
  <Service name="Catalina">
    <Connector address="127.0.0.1" port="${port}"/>
    <Engine name="Catalina" defaultHost="localhost" backgroundProcessorDelay="1">
      <Host name="localhost" appBase="none" deployOnStartup="false" autoDeploy="false">
        <Context path="" docBase="${app}" reloadable="true"/>
      </Host>
    </Engine>
  </Service>
</Server>
`

/** Tomcat's default servlet, which serves files, usually comes from its conf/web.xml. */
const descriptor = `<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">
  <servlet>
    <servlet-name>default</servlet-name>
    <servlet-class>org.apache.catalina.servlets.DefaultServlet</servlet-class>
  </servlet>
  <servlet-mapping><servlet-name>default</servlet-name><url-pattern>/</url-pattern></servlet-mapping>
</web-app>
`

suiteWith('java', 'javac')('an application of Tomcat with FarmprobeIdentity.java', () => {
  test('names its machine and start, to requests with the key', {
    timeout: 90_000,
  }, async () => {
    await using dir = await tempDir()
    const app = join(dir.path, 'app')
    const classes = join(app, 'WEB-INF', 'classes')
    for (const folder of [classes, ...['conf', 'logs', 'temp', 'work'].map((name) => join(dir.path, name))])
      await mkdir(folder, { recursive: true })
    await cp(identityFile('java/FarmprobeIdentity.java'), join(dir.path, 'FarmprobeIdentity.java'))
    const api = join(home, 'lib', 'servlet-api.jar')
    execFileSync('javac', ['-cp', api, '-d', classes, join(dir.path, 'FarmprobeIdentity.java')])
    await writeFile(join(app, 'WEB-INF', 'web.xml'), descriptor)
    await writeFile(join(app, 'welcome.txt'), 'Welcome')
    const port = await freePort()
    await writeFile(join(dir.path, 'conf', 'server.xml'), server(port, app))
    await using _tomcat = await startProcess({
      command: 'java',
      args: [
        '-Xmx96m',
        '-XX:+UseSerialGC',
        '-cp',
        [join(home, 'bin', 'bootstrap.jar'), join(home, 'bin', 'tomcat-juli.jar')].join(':'),
        `-Dcatalina.home=${home}`,
        `-Dcatalina.base=${dir.path}`,
        'org.apache.catalina.startup.Bootstrap',
        'start',
      ],
      env: { FARMPROBE_KEY: key },
      port,
    })
    const url = `http://127.0.0.1:${port}/welcome.txt`
    const first = await newWorker(url, [])
    expect(first).toMatchObject({ node: hostname(), body: 'Welcome' })
    expect(first.worker).toMatch(/^\d+-\d+$/)
    expect((await shown(url)).worker).toBe(first.worker)
    expect(await shown(url, '')).toMatchObject({ status: 200, node: '', worker: '' })
    // A changed class reloads the context in the same process.
    await utimes(join(classes, 'FarmprobeIdentity.class'), new Date(), new Date())
    const second = await newWorker(url, [first.worker])
    expect(second.worker.split('-')[0]).toBe(first.worker.split('-')[0])
  })
})

/**
 * What Grafana's classic dashboard model knows, as a strict JSON schema: Grafana drops a key that it does not know
 * without a word. Written from the types that Grafana publishes for its own front end, for the parts that we use.
 */

const text = { type: 'string' }
const number = { type: 'number' }
const whole = { type: 'integer' }
const yes = { type: 'boolean' }
const oneOf = (...values: readonly unknown[]) => ({ enum: values })
const listOf = (items: object) => ({ type: 'array', items })
const only = (properties: Readonly<Record<string, object>>, ...required: readonly string[]) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
})
const every = (properties: Readonly<Record<string, object>>) => only(properties, ...Object.keys(properties))

const dataSource = oneOf(
  { type: 'prometheus', uid: '${datasource}' },
  { type: 'grafana', uid: '-- Grafana --' },
)

const link = every({
  title: { ...text, minLength: 1 },
  type: oneOf('link', 'dashboards'),
  icon: oneOf('', 'external link', 'dashboard', 'question', 'info', 'bolt', 'doc', 'cloud'),
  tooltip: text,
  tags: listOf(text),
  asDropdown: yes,
  targetBlank: yes,
  includeVars: yes,
  keepTime: yes,
})

const color = only(
  {
    mode: oneOf('thresholds', 'palette-classic', 'palette-classic-by-name', 'fixed'),
    fixedColor: oneOf('green', 'yellow', 'orange', 'red', 'dark-red', 'purple', 'blue', 'text'),
  },
  'mode',
)

const thresholds = every({
  mode: oneOf('absolute', 'percentage'),
  steps: {
    ...listOf(every({ value: { type: ['number', 'null'] }, color: text })),
    minItems: 1,
  },
})

const mappings = listOf(
  every({
    type: oneOf('value'),
    options: {
      type: 'object',
      additionalProperties: every({ text, color: text, index: whole }),
    },
  }),
)

const legend = only(
  {
    displayMode: oneOf('list', 'table'),
    placement: oneOf('bottom', 'right'),
    showLegend: yes,
    calcs: listOf(oneOf('lastNotNull', 'max', 'min', 'mean', 'sum')),
    sortBy: oneOf('Last *', 'Max', 'Min', 'Mean', 'Total'),
    sortDesc: yes,
  },
  'displayMode',
  'placement',
  'showLegend',
  'calcs',
)

const tooltip = every({ mode: oneOf('single', 'multi', 'none'), sort: oneOf('asc', 'desc', 'none') })

const reduced = every({ values: yes, calcs: { ...listOf(oneOf('lastNotNull')), minItems: 1 }, fields: text })

const barOptions = {
  reduceOptions: reduced,
  orientation: oneOf('auto', 'horizontal', 'vertical'),
}

/** The options of each kind of panel, and the properties under `fieldConfig.defaults.custom`. */
const kinds: Readonly<
  Record<string, { readonly options: object; readonly custom: Readonly<Record<string, object>> }>
> = {
  timeseries: {
    options: every({ legend, tooltip }),
    custom: {
      drawStyle: oneOf('line', 'bars', 'points'),
      lineWidth: whole,
      lineStyle: every({ fill: oneOf('solid', 'dash', 'dot'), dash: listOf(whole) }),
      fillOpacity: whole,
      showPoints: oneOf('auto', 'always', 'never'),
      pointSize: whole,
      spanNulls: { type: ['boolean', 'integer'] },
      stacking: every({ mode: oneOf('none', 'normal', 'percent'), group: text }),
      scaleDistribution: only({ type: oneOf('linear', 'log', 'symlog'), log: oneOf(2, 10) }, 'type'),
      thresholdsStyle: every({ mode: oneOf('off', 'line', 'dashed', 'area') }),
      transform: oneOf('constant', 'negative-Y'),
      axisSoftMax: number,
    },
  },
  stat: {
    options: every({
      ...barOptions,
      colorMode: oneOf('value', 'background', 'none'),
      graphMode: oneOf('none', 'line', 'area'),
      justifyMode: oneOf('auto', 'center'),
      textMode: oneOf('auto', 'value', 'value_and_name', 'name', 'none'),
      wideLayout: yes,
      showPercentChange: yes,
      percentChangeColorMode: oneOf('standard', 'inverted', 'same_as_value'),
    }),
    custom: {},
  },
  bargauge: {
    options: every({
      ...barOptions,
      displayMode: oneOf('basic', 'gradient', 'lcd'),
      valueMode: oneOf('color', 'text', 'hidden'),
      namePlacement: oneOf('auto', 'top', 'left', 'hidden'),
      sizing: oneOf('auto', 'manual'),
      showUnfilled: yes,
      minVizWidth: whole,
      minVizHeight: whole,
      maxVizHeight: whole,
      legend,
    }),
    custom: {},
  },
  'state-timeline': {
    options: every({
      mergeValues: yes,
      showValue: oneOf('auto', 'always', 'never'),
      alignValue: oneOf('left', 'center', 'right'),
      rowHeight: number,
      perPage: whole,
      legend,
      tooltip,
    }),
    custom: { lineWidth: whole, fillOpacity: whole },
  },
  heatmap: {
    options: every({
      calculate: yes,
      rowsFrame: every({ layout: oneOf('auto', 'le', 'ge', 'unknown') }),
      color: every({
        mode: oneOf('scheme', 'opacity'),
        scheme: text,
        fill: text,
        scale: oneOf('exponential', 'linear'),
        exponent: number,
        steps: whole,
        reverse: yes,
      }),
      cellGap: whole,
      cellValues: every({ unit: text, decimals: whole }),
      filterValues: every({ le: number }),
      yAxis: every({ unit: text }),
      showValue: oneOf('auto', 'always', 'never'),
      legend: every({ show: yes }),
      exemplars: every({ color: text }),
      tooltip: every({ mode: oneOf('single', 'multi', 'none'), yHistogram: yes, showColorScale: yes }),
      selectionMode: oneOf('x', 'y', 'xy'),
    }),
    custom: {},
  },
  table: {
    options: every({
      showHeader: yes,
      cellHeight: oneOf('sm', 'md', 'lg'),
      frameIndex: whole,
      showTypeIcons: yes,
      sortBy: listOf(every({ displayName: text, desc: yes })),
    }),
    custom: {
      align: oneOf('auto', 'left', 'right', 'center'),
      inspect: yes,
      filterable: yes,
      width: whole,
      cellOptions: only(
        { type: oneOf('auto', 'color-text', 'color-background'), mode: oneOf('basic', 'gradient') },
        'type',
      ),
    },
  },
}

const dataLinks = listOf(every({ title: text, url: { type: 'string', pattern: '^/d/' }, targetBlank: yes }))

const standard = {
  unit: text,
  decimals: whole,
  min: number,
  max: number,
  noValue: text,
  color,
  thresholds,
  mappings,
  links: dataLinks,
}

const target = only(
  {
    refId: { type: 'string', pattern: '^([A-Z]|Anno)$' },
    datasource: dataSource,
    expr: { type: 'string', minLength: 1 },
    format: oneOf('time_series', 'table', 'heatmap'),
    legendFormat: text,
    exemplar: yes,
    instant: yes,
    range: yes,
  },
  'refId',
  'expr',
  'instant',
  'range',
)

/** One of several, told apart by the value of one key, so that a complaint is about what was meant. */
const told = (by: string, ...alternatives: readonly object[]) => ({
  type: 'object',
  discriminator: { propertyName: by },
  required: [by],
  oneOf: alternatives,
})

/** Options that transformations know, by name; a name that is not here is none of ours. */
const transformation = told(
  'id',
  every({ id: oneOf('merge'), options: only({}) }),
  every({
    id: oneOf('organize'),
    options: every({
      excludeByName: { type: 'object', additionalProperties: yes },
      indexByName: { type: 'object', additionalProperties: whole },
      renameByName: { type: 'object', additionalProperties: text },
    }),
  }),
)

const place = every({
  x: { ...whole, minimum: 0, maximum: 23 },
  y: { ...whole, minimum: 0 },
  w: { ...whole, minimum: 1, maximum: 24 },
  h: { ...whole, minimum: 1 },
})

const id = { ...whole, minimum: 1 }

const panelOf = (
  type: string,
  { options, custom }: { options: object; custom: Readonly<Record<string, object>> },
) =>
  only(
    {
      type: oneOf(type),
      id,
      title: text,
      description: text,
      transparent: yes,
      datasource: dataSource,
      gridPos: place,
      interval: { type: 'string', pattern: String.raw`^\d+[smhd]$` },
      timeFrom: { type: 'string', pattern: String.raw`^\d+[hd]$` },
      targets: { ...listOf(target), minItems: 1 },
      transformations: listOf(transformation),
      options,
      fieldConfig: every({
        defaults: only({ ...standard, custom: only(custom) }, 'unit'),
        overrides: listOf(
          every({
            matcher: every({ id: oneOf('byName', 'byFrameRefID'), options: text }),
            properties: listOf(told('id', ...properties(custom))),
          }),
        ),
      }),
    },
    'type',
    'id',
    'title',
    'gridPos',
    'targets',
    'options',
    'fieldConfig',
  )

/** In overrides a custom property is called by its path. */
const properties = (custom: Readonly<Record<string, object>>) =>
  [
    ...Object.entries(standard),
    ...Object.entries(custom).map(([name, value]) => [`custom.${name}`, value] as const),
  ].map(([name, value]) => every({ id: oneOf(name), value }))

const panelKinds = Object.entries(kinds).map(([type, kind]) => panelOf(type, kind))

const row = every({
  type: oneOf('row'),
  id,
  title: text,
  collapsed: yes,
  gridPos: place,
  panels: listOf(told('type', ...panelKinds)),
})

const chosen = every({
  text: { oneOf: [text, listOf(text)] },
  value: { oneOf: [text, listOf(text)] },
})

const variable = told(
  'type',
  every({
    type: oneOf('datasource'),
    name: text,
    label: text,
    description: text,
    query: text,
    current: chosen,
  }),
  only(
    {
      type: oneOf('query'),
      name: text,
      label: text,
      description: text,
      datasource: dataSource,
      query: text,
      definition: text,
      current: chosen,
      refresh: oneOf(1, 2),
      sort: oneOf(0, 1, 2, 3, 4, 5, 6, 7, 8),
      multi: yes,
      includeAll: yes,
      allValue: text,
    },
    'type',
    'name',
    'query',
    'current',
    'refresh',
  ),
)

const annotation = only(
  {
    name: text,
    datasource: dataSource,
    enable: yes,
    hide: yes,
    iconColor: text,
    type: oneOf('dashboard'),
    builtIn: oneOf(1),
    target,
    titleFormat: text,
    textFormat: text,
    tagKeys: text,
    useValueForTime: yes,
  },
  'name',
  'datasource',
  'enable',
  'iconColor',
)

export const dashboardSchema = every({
  uid: { type: 'string', pattern: '^[a-zA-Z0-9_-]{8,40}$' },
  title: text,
  description: text,
  tags: listOf(text),
  timezone: oneOf('browser', 'utc'),
  editable: yes,
  graphTooltip: oneOf(0, 1, 2),
  time: every({ from: { type: 'string', pattern: String.raw`^now-\d+[mhd]$` }, to: oneOf('now') }),
  timepicker: every({ refresh_intervals: listOf(text) }),
  refresh: { type: 'string', pattern: String.raw`^\d+[sm]$` },
  fiscalYearStartMonth: whole,
  weekStart: text,
  liveNow: yes,
  schemaVersion: oneOf(42),
  version: whole,
  links: listOf(link),
  templating: every({ list: listOf(variable) }),
  annotations: every({ list: listOf(annotation) }),
  panels: listOf(told('type', row, ...panelKinds)),
})

/** From the structures that Grafana reads provisioning files into. */
export const providersSchema = every({
  apiVersion: oneOf(1),
  providers: listOf(
    only(
      {
        name: text,
        orgId: whole,
        folder: text,
        folderUid: text,
        type: oneOf('file'),
        disableDeletion: yes,
        allowUiUpdates: yes,
        updateIntervalSeconds: whole,
        options: only({ path: text, foldersFromFilesStructure: yes }, 'path'),
      },
      'name',
      'type',
      'options',
    ),
  ),
})

export const dataSourcesSchema = only(
  {
    apiVersion: oneOf(1),
    prune: yes,
    datasources: listOf(
      only(
        {
          name: text,
          uid: text,
          orgId: whole,
          type: oneOf('prometheus'),
          access: oneOf('proxy', 'direct'),
          url: { type: 'string', pattern: '^https?://' },
          isDefault: yes,
          editable: yes,
          jsonData: only({
            httpMethod: oneOf('POST', 'GET'),
            timeInterval: text,
            manageAlerts: yes,
            prometheusType: oneOf('Prometheus', 'Cortex', 'Mimir', 'Thanos'),
          }),
        },
        'name',
        'uid',
        'type',
        'url',
      ),
    ),
  },
  'apiVersion',
  'datasources',
)

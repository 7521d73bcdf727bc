# The zip as its users have it, on a Windows that may be spoilt: unpacked, installed, scraped, reloaded, stopped, removed.
param([string]$Zip)
$ErrorActionPreference = 'Stop'
$farmprobe = Join-Path $env:ProgramFiles 'farmprobe'
$data = Join-Path $env:ProgramData 'farmprobe'

function Wait-For([string]$Text) {
  foreach ($attempt in 1..60) {
    try { if ((Invoke-WebRequest -UseBasicParsing http://localhost:9502/metrics).Content.Contains($Text)) { return } } catch { }
    Start-Sleep -Milliseconds 500
  }
  Get-Content "$data\logs\*.log"
  throw "no $Text in the metrics"
}

Expand-Archive (Resolve-Path $Zip) $env:ProgramFiles
& "$farmprobe\farmprobe.cmd" demo --for 20s --port 0
if ($LASTEXITCODE -ne 0) { throw "the demo ended with $LASTEXITCODE" }

& "$farmprobe\install.ps1"
Wait-For 'farmprobe_probes_total{farm="intranet"'

# As Windows PowerShell writes a file: UTF-16, with CRLF.
'farms: [{ name: saved, url: "http://localhost:9502", checks: [{ name: health, path: /-/healthy }] }]' > "$data\farmprobe.yaml"
Wait-For 'farmprobe_probes_total{farm="saved"'

Stop-Service farmprobe
if (-not (Select-String -Quiet 'stopping: probes in flight may end' "$data\logs\*.log")) { throw 'it was killed instead of asked to end' }

& "$farmprobe\install.ps1" -Remove
if (Get-Service farmprobe -ErrorAction SilentlyContinue) { throw 'the service is still there' }

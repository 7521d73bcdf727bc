#Requires -RunAsAdministrator
<#
.SYNOPSIS
Makes farmprobe a Windows service, opens its port in the firewall, and starts it. After an upgrade, run it again.
.PARAMETER AllowFrom
Who may reach the page and the metrics: addresses, networks, or LocalSubnet.
.PARAMETER Remove
Takes the service and the firewall rule away. Configuration, journal and logs stay.
#>
param([string[]]$AllowFrom = 'LocalSubnet', [int]$Port = 9502, [switch]$Remove)
$ErrorActionPreference = 'Stop'
$service = Join-Path $PSScriptRoot 'farmprobe-service.exe'
$data = Join-Path $env:ProgramData 'farmprobe'
$config = Join-Path $data 'farmprobe.yaml'

function Invoke-Checked([string]$Program, [string[]]$Arguments) {
  & $Program @Arguments
  if ($LASTEXITCODE -ne 0) { throw "$Program $Arguments ended with $LASTEXITCODE" }
}

if (Get-Service farmprobe -ErrorAction SilentlyContinue) {
  Stop-Service farmprobe
  Invoke-Checked $service 'uninstall'
}
Get-NetFirewallRule -Name farmprobe -ErrorAction SilentlyContinue | Remove-NetFirewallRule
if ($Remove) { exit }

New-Item -ItemType Directory -Force $data, (Join-Path $data 'logs') | Out-Null
if (-not (Test-Path $config)) { Copy-Item (Join-Path $PSScriptRoot 'config\minimal.yaml') $config }
Invoke-Checked (Join-Path $PSScriptRoot 'farmprobe.cmd') 'check', $config

Invoke-Checked $service 'install'
# An account of its own, which Windows keeps the password of. Groups by number: their names differ between languages.
Invoke-Checked sc.exe 'config', 'farmprobe', 'obj=', 'NT SERVICE\farmprobe'
Invoke-Checked icacls.exe $data, '/inheritance:r', '/grant', '*S-1-5-32-544:(OI)(CI)F', '*S-1-5-18:(OI)(CI)F', 'NT SERVICE\farmprobe:(OI)(CI)M'
# Starts, stops and failures of the service are in the log Application.
if (-not [Diagnostics.EventLog]::SourceExists('farmprobe')) { [Diagnostics.EventLog]::CreateEventSource('farmprobe', 'Application') }
New-NetFirewallRule -Name farmprobe -DisplayName farmprobe -Direction Inbound -Action Allow -Protocol TCP -LocalPort $Port `
  -RemoteAddress $AllowFrom -Program (Join-Path $PSScriptRoot 'bin\node.exe') | Out-Null
Start-Service farmprobe
(Get-Service farmprobe).WaitForStatus('Running', '00:00:30')
Write-Output "farmprobe runs; its configuration is $config, its log is in $data\logs"

@echo off
rem farmprobe with the Node that came with it.
"%~dp0bin\node.exe" --max-semi-space-size=4 --v8-pool-size=1 "%~dp0dist\farmprobe.js" %*

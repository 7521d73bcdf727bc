{{/* The release's own name where that says what it is. */}}
{{- define "farmprobe.name" -}}
{{- if contains "farmprobe" .Release.Name }}{{ .Release.Name | trunc 52 }}{{ else }}{{ printf "%s-farmprobe" (.Release.Name | trunc 42) }}{{ end }}
{{- end }}

{{- define "farmprobe.selector" -}}
app.kubernetes.io/name: farmprobe
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "farmprobe.metadata" -}}
name: {{ include "farmprobe.name" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "farmprobe.selector" . | nindent 2 }}
  app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
  app.kubernetes.io/managed-by: {{ .Release.Service }}
  helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* As a file it comes as it is. */}}
{{- define "farmprobe.config" -}}
{{- if kindIs "string" .Values.config }}{{ .Values.config }}{{ else }}{{ toYaml .Values.config }}{{ end }}
{{- end }}

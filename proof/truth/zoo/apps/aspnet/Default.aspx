<%@ Page Language="C#" %>
<!DOCTYPE html>
<html>
  <head><title>Intranet</title></head>
  <body><h1>Welcome</h1><p>It is <%= DateTime.UtcNow.ToString("HH:mm:ss") %>.</p></body>
</html>

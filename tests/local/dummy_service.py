"""A service that does nothing but answer `/readyz`, or, with an argument, says that and dies."""

import http.server
import os
import sys


class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(http.HTTPStatus.OK)
        self.end_headers()
        self.wfile.write(os.environ["KEFU_INSTANCE"].encode())

    def log_message(self, *message: object) -> None:
        pass


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(sys.argv[1])
    http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["KEFU_HTTP_PORT"])), Ready).serve_forever()

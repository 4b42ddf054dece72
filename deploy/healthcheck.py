"""Whether the process in this container answers with 200: `python -IS deploy/healthcheck.py /readyz`.

It needs nothing that is not in Python itself, and prints the answer, so that `docker inspect` tells what is failing.
"""

import os
import sys
from http.client import HTTPConnection, HTTPException

SECONDS = 4.0


def main(path: str) -> int:
    """0 for an answer 200, else 1."""
    connection = HTTPConnection("127.0.0.1", int(os.environ["KEFU_HTTP_PORT"]), timeout=SECONDS)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        sys.stdout.write(answer.read().decode("utf-8", "replace"))
        return 0 if answer.status == 200 else 1
    except (OSError, HTTPException) as error:
        sys.stdout.write(f"{type(error).__name__}: {error}")
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

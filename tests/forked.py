"""A command `dbt` for shells, whose builds are forked as those of other tests are."""

import json
import socketserver
import sys
import threading
from pathlib import Path

from tests.build import FORKS, ROOT, run_dbt

# What else than `build` is asked for, such as a server of documents, is dbt itself.
COMMAND = """#!{python} -S
import json, os, socket, sys
if "build" not in sys.argv[1:]:
    os.execv("{dbt}", ["{dbt}", *sys.argv[1:]])
with socket.socket(socket.AF_UNIX) as asked:
    asked.connect("{address}")
    asked.sendall(json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode())
    asked.shutdown(socket.SHUT_WR)
    code, _, output = asked.makefile("rb").read().partition(b"\\n")
sys.stdout.buffer.write(output)
sys.exit(int(code))
"""


class Build(socketserver.StreamRequestHandler):
    def handle(self):
        arguments, folder, environment = json.loads(self.rfile.read())
        output = Path(folder) / "output_of_dbt"
        environment = {"PYTHONPATH": str(ROOT), **environment}
        process = FORKS.Process(
            target=run_dbt, args=(arguments, Path(folder), environment, output)
        )
        process.start()
        process.join()
        self.wfile.write(f"{process.exitcode}\n".encode() + output.read_bytes())
        output.unlink()


def write_command(path: Path, address: Path) -> socketserver.BaseServer:
    """Writes the command, and answers it until it is shut down."""
    dbt = Path(sys.executable).parent / "dbt"
    text = COMMAND.format(python=sys.executable, dbt=dbt, address=address)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    server = socketserver.ThreadingUnixStreamServer(str(address), Build)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server

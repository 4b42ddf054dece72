"""``python -m services.notify``"""

from services.notify.app import build_app
from services.notify.settings import NotifySettings
from shared.runtime.service import run

if __name__ == "__main__":
    run(build_app(NotifySettings()))

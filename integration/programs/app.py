"""Fetches each URL of its arguments and says how that went; no proxy variable is looked at."""
import errno
import sys
import urllib.request

opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
for url in sys.argv[1:]:
    try:
        with opener.open(url, timeout=8) as response:
            print("reached", url, response.read().decode().strip())
    except OSError as error:
        reason = getattr(error, "reason", error)
        print("refused", url, errno.errorcode.get(getattr(reason, "errno", 0), reason))

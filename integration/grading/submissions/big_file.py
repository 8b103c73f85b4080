with open("/tmp/big", "wb") as file:
    for _ in range(1024):
        file.write(bytes(1 << 20))
print(15)

import greeting

print(greeting.WORD)

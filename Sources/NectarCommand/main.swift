print("nectar")

# Tables as comma-separated text: split, strip, convert, filter, join two of them, aggregate, write again.
def make(rows):
    lines = ["id, city ,amount,price,day"]
    cities = ["Oslo", "Bergen", "Trondheim", "Tromso", "Bodo"]
    for i in range(rows):
        lines.append(f"{i}, {cities[i * 7 % 5]} ,{i % 9 + 1},{(i * 37 % 1000) / 100:.2f},2024-{i % 12 + 1:02}-{i % 28 + 1:02}")
    return "\n".join(lines)


def parse(text):
    lines = text.split("\n")
    names = [name.strip() for name in lines[0].split(",")]
    return [dict(zip(names, map(str.strip, line.split(",")))) for line in lines[1:]]


def convert(row):
    year, month, day = row["day"].split("-")
    return {**row, "id": int(row["id"]), "amount": int(row["amount"]), "price": float(row["price"]), "month": int(month),
            "ordinal": int(year) * 372 + int(month) * 31 + int(day)}


def total_by(rows, *keys):
    totals = {}
    for row in rows:
        key = tuple(row[k] for k in keys)
        totals[key] = totals.get(key, 0.0) + row["amount"] * row["price"]
    return totals


def write(rows, names):
    return "\n".join([",".join(names)] + [",".join(str(row[name]) for name in names) for row in rows])


text = make(36000)
rows = [convert(row) for row in parse(text)]
codes = {"Oslo": "OSL", "Bergen": "BGO", "Trondheim": "TRD", "Tromso": "TOS", "Bodo": "BOO"}
joined = [{**row, "code": codes[row["city"]]} for row in rows if row["amount"] > 2 and row["city"] != "Bodo"]
by_city, by_month = total_by(joined, "code"), total_by(joined, "code", "month")
out = write(sorted(joined, key=lambda row: (row["code"], -row["ordinal"], row["id"])), ["id", "code", "price", "day"])
print(len(out), out.split("\n")[4321])
print({key[0]: round(value, 2) for key, value in sorted(by_city.items())}, len(by_month), round(max(by_month.values()), 2))

"""The columns that several CRM tables have: keys of one another, currency, probability, what a row concerns."""

from kpilib.model.columns import Column, text

CUSTOMER = text("customer_id", "Customer", refers="customers")
CUSTOMER_MAYBE = text("customer_id", "Customer", empty=True, refers="customers")
OWNER = text("owner_id", "Salesperson", refers="salespeople")
OWNER_MAYBE = text("owner_id", "Salesperson", empty=True, refers="salespeople")
PRODUCT = text("product_id", "Product", refers="products")
PRODUCT_MAYBE = text("product_id", "Product", empty=True, refers="products")
#: ISO 4217's own code for "no currency was said".
NO_CURRENCY = "XXX"
SALES = ("new", "repeat", "cross_sell", "up_sell")
CURRENCY = text("currency", "Currency (ISO 4217)", default=f"'{NO_CURRENCY}'")
PROBABILITY = Column("probability", "share", "Declared probability of winning", True, low=0, high=1, unit="fraction")
CONCERNS = text("dimension", "Dimension it concerns", empty=True)
MEMBER = text("member", "Member of the dimension", empty=True)

#: The only scores that each survey question may have (lowest, highest).
SCALES: dict[str, tuple[int, int]] = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}

"""The contract as outsiders read it, made from `shared.contracts` and the bus: schemas, AsyncAPI, access lists."""

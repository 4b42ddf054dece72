"""The public contract in code: every topic, event and field, each spelled once.

``topics``    the topics, their keys, partitions and sizes
``envelope``  CloudEvents 1.0 attributes <-> Kafka headers, binary, structured and plain
``contacts`` · ``tickets`` · ``actions`` · ``notices`` · ``reference``  the events themselves
``registry``  which event type is which model, on which topic, written by whom
"""

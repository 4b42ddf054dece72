"""Making sealed values and blind indexes anew under the present key, while services work."""

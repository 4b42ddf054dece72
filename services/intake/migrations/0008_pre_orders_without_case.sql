-- Members write order numbers in small letters or capitals; the platform's spelling is its own.
create index platform_order_in_capitals on platform_order (upper(order_no));

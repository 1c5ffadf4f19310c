"""Plans, subscriptions, invoices and orders: what a person may use, and how that is paid."""

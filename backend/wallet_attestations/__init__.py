"""The wallet provider's word on wallets and on the keys in them."""

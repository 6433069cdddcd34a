//! Ways of judging what an examined process recorded.

"""Privacy: what people say about their health, apart from the lead and sealed.

Public verbs: `sealing.seal`, `sealing.unseal`, `details.keep`, `details.read`, `phi.look_at_phi`.
"""

"""Whether the person behind a row said yes: flags, IAB TCF v2 strings and IAB GPP strings (rule CONSENT).

Unknown means no. A string consents only where every bit of it is understood and accounted for.
"""

"""Whether an agreement provides what it must, and whether a vendor may carry protected health information."""

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from apps.catalog.vendor_terms import (
    MOST_NOTICE_DAYS,
    AgreementFact,
    AgreementState,
    Provision,
    Standing,
    StandingCode,
    VendorFact,
)


def checklist(agreement: AgreementFact) -> tuple[Provision, ...]:
    """Return the six provisions of an agreement, each with whether it is there (45 CFR 164.504(e)(2), 164.410)."""
    days = agreement.notice_days
    notice_holds = days is not None and days <= MOST_NOTICE_DAYS
    if days is None:
        notice = _("It does not say how soon a breach is reported; at most %(most)d days.") % {"most": MOST_NOTICE_DAYS}
    elif notice_holds:
        notice = _("Breaches are reported within %(n)d days.") % {"n": days}
    else:
        notice = _("Breaches are reported within %(n)d days; at most %(most)d are allowed.") % {
            "n": days,
            "most": MOST_NOTICE_DAYS,
        }
    return (
        Provision("permitted_uses", agreement.permitted_uses, _("Permitted uses and disclosures are listed.")),
        Provision("safeguards", agreement.safeguards, _("Encryption and access control are agreed.")),
        Provision("notice_days", notice_holds, notice),
        Provision("subcontractors", agreement.subcontractors, _("Subcontractors are bound to the same terms.")),
        Provision(
            "access_and_amendment",
            agreement.access_and_amendment,
            _("Access and amendment of a person's record are supported."),
        ),
        Provision("termination", agreement.termination, _("It can be terminated; data come back or are destroyed.")),
    )


def standing(vendor: VendorFact | None, today: date, *, is_own: bool = False) -> Standing:
    """Say whether something may carry PHI on a day. `is_own`: it is the tenant's own unless a vendor is named for it.

    A vendor that touches PHI needs an executed agreement that is in force on that day and provides all it must. What
    nobody named a vendor for may not run.
    """
    if vendor is None:
        if is_own:
            return Standing(True, StandingCode.OWN, _("Our own, no vendor."))
        return Standing(False, StandingCode.NOT_NAMED, _("No vendor is named for it: name one with its agreement."))
    if not vendor.is_active:
        return _no(vendor, StandingCode.SWITCHED_OFF, _("%(vendor)s is switched off.") % {"vendor": vendor.name})
    if not vendor.touches_phi:
        says = _("%(vendor)s sees no protected health information.") % {"vendor": vendor.name}
        return Standing(True, StandingCode.NO_PHI, says, vendor.name)
    found = _by_agreement(vendor, today)
    if not found.allowed and vendor.grace_until is not None and today <= vendor.grace_until:
        says = _("%(why)s It works on until %(day)s.") % {
            "why": found.sentence,
            "day": f"{vendor.grace_until:%Y-%m-%d}",
        }
        return Standing(True, StandingCode.GRACE, says, vendor.name, vendor.grace_until)
    return found


def _by_agreement(vendor: VendorFact, today: date) -> Standing:
    words = {"vendor": vendor.name}
    agreement = _executed(vendor.agreements)
    if agreement is None or agreement.effective_on is None:
        says = _("%(vendor)s has no executed business associate agreement.") % words
        return _no(vendor, StandingCode.NO_AGREEMENT, says)
    if agreement.effective_on > today:
        says = _("The agreement with %(vendor)s begins on %(day)s.") % {
            **words,
            "day": f"{agreement.effective_on:%Y-%m-%d}",
        }
        return _no(vendor, StandingCode.NOT_YET, says)
    if agreement.expires_on is not None and agreement.expires_on < today:
        says = _("The agreement with %(vendor)s ended on %(day)s.") % {
            **words,
            "day": f"{agreement.expires_on:%Y-%m-%d}",
        }
        return _no(vendor, StandingCode.EXPIRED, says)
    missing = [each.says for each in checklist(agreement) if not each.holds]
    if missing:
        says = _("The agreement with %(vendor)s lacks %(n)d of 6 provisions.") % {**words, "n": len(missing)}
        return _no(vendor, StandingCode.PROVISIONS, says)
    says = _("%(vendor)s has an executed agreement.") % words
    return Standing(True, StandingCode.OK, says, vendor.name, agreement.expires_on)


def _executed(agreements: Iterable[AgreementFact]) -> AgreementFact | None:
    return next((each for each in agreements if each.state == AgreementState.EXECUTED), None)


def _no(vendor: VendorFact, code: StandingCode, sentence: str) -> Standing:
    return Standing(False, code, sentence, vendor.name)

"""The 15 key diagnostic tests of the DM01 return, with the codes this product uses for them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DiagnosticTest:
    """One DM01 test: our code, its place in the return (1 to 15), the return's name and a short name for tables."""

    code: str
    number: int
    name: str
    short_name: str
    category: str


DIAGNOSTIC_TESTS = (
    DiagnosticTest("MRI", 1, "Magnetic Resonance Imaging", "MRI", "Imaging"),
    DiagnosticTest("CT", 2, "Computed Tomography", "CT", "Imaging"),
    DiagnosticTest("NOUS", 3, "Non-obstetric Ultrasound", "Ultrasound", "Imaging"),
    DiagnosticTest("BARIUM", 4, "Barium Enema", "Barium enema", "Imaging"),
    DiagnosticTest("DEXA", 5, "DEXA Scan", "DEXA", "Imaging"),
    DiagnosticTest("AUDIOLOGY", 6, "Audiology - Audiology Assessments", "Audiology", "Physiological measurement"),
    DiagnosticTest("ECHO", 7, "Cardiology - Echocardiography", "Echocardiography", "Physiological measurement"),
    DiagnosticTest("EP", 8, "Cardiology - Electrophysiology", "Electrophysiology", "Physiological measurement"),
    DiagnosticTest(
        "NEURO", 9, "Neurophysiology - Peripheral Neurophysiology", "Neurophysiology", "Physiological measurement"
    ),
    DiagnosticTest("SLEEP", 10, "Respiratory Physiology - Sleep Studies", "Sleep studies", "Physiological measurement"),
    DiagnosticTest("URODYNAMICS", 11, "Urodynamics - Pressures & Flows", "Urodynamics", "Physiological measurement"),
    DiagnosticTest("COLONOSCOPY", 12, "Colonoscopy", "Colonoscopy", "Endoscopy"),
    DiagnosticTest("FLEXI_SIG", 13, "Flexi Sigmoidoscopy", "Flexi sigmoidoscopy", "Endoscopy"),
    DiagnosticTest("CYSTOSCOPY", 14, "Cystoscopy", "Cystoscopy", "Endoscopy"),
    DiagnosticTest("GASTROSCOPY", 15, "Gastroscopy", "Gastroscopy", "Endoscopy"),
)

BY_CODE = {test.code: test for test in DIAGNOSTIC_TESTS}
TEST_CHOICES = [(test.code, test.short_name) for test in DIAGNOSTIC_TESTS]


def same_category(code: str) -> list[str]:
    """Codes of the tests in the same category as `code`: imaging, physiological measurement or endoscopy."""
    return [test.code for test in DIAGNOSTIC_TESTS if test.category == BY_CODE[code].category]

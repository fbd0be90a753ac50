use std::{format, string::String};

use super::*;

const ID: &str = "5f2b8f0e-7c1d-4a55-9c9e-0d8a7b6c5e4f";

// Made by OpenSSL: `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048`, of which
// `openssl pkey -pubout -outform DER`. The private keys were thrown away.
const OF_2048_BITS: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsp8CPJscbSCnKl/dKn8h/bPEcndwD7DiSRFOWUuR2zodo4TbtFQ6ilHU+h2bd/FcTOqp7+dTlOW3rNYGxXnnqwi4w+55WT4reMsq8i788oBhAARRI+b3N4vS9ic/09iRKsxLkLgclBwaclVy2BQNDpB3SY/vnnH8DeRUBcu/SbR7bT5X0aCFFI79pDDsfTpXXw3vno/k9P3pWKPUZqdEyGacs1kQyj+wi22bqjY95Per++S7BA8NfuR7+XCxby4ZFYMX/wAkQ68M9OZmBOG5N7mrr7Iu4ZW3oAWvwqgG/kuuTv5Yy5ytFx58q7Pt2osyKfd2amX7KnMZWYZzqyqWlQIDAQAB";
const OF_2047_BITS: &str = "MIIBITANBgkqhkiG9w0BAQEFAAOCAQ4AMIIBCQKCAQBwSp8UAOk/VIfA9EdtTRFnQwR2MxoJ+QkB0sZBITrl53arHCSpaoRxqF+bbPE2a3IEamNCfHO3AQsmK6i6XTDiCpiWgRHbbcayvddnPcRzLVkU/9EiOmSc4q0TmXL+sZEYItQI8xBt5dtG8OwQ4yjX3czFCl18E7+IVBeWiSqbjV9R8SSLs9+41Q9qtdZwZJrKYgN6qJZyYChsDYJhk/blnLKYQiqir3L6K/CpeZ0KZB22d3wO8tL5GF2ULCXlFWlNQLKdkdKC9X/GvDGiEyytj1jUAo4gdK/wP2e84MqC6FdgJUZF3BdEAaMVuXvag7beRhrJ8J47jGc4JNwZbxL7AgMBAAE=";
const OF_1024_BITS: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCyKDzjTo9OE/qV5jsU7+6fZRebRIGQeKq+IQKam1+sRggDI0/Gyn78dchHUPCt/bZ5cSSpam4k/ux2YkBKDA5okVDmeqq1lXWIFUrIdBxEetcZgbeaWsh4pkNPY1PfC9/Jvob60ey0BElw4rZvZ54vyLH/qA7AB1qOoLPmESO6zQIDAQAB";
/// The first one as `openssl rsa -RSAPublicKey_out` writes it.
const PKCS1: &str = "MIIBCgKCAQEAsp8CPJscbSCnKl/dKn8h/bPEcndwD7DiSRFOWUuR2zodo4TbtFQ6ilHU+h2bd/FcTOqp7+dTlOW3rNYGxXnnqwi4w+55WT4reMsq8i788oBhAARRI+b3N4vS9ic/09iRKsxLkLgclBwaclVy2BQNDpB3SY/vnnH8DeRUBcu/SbR7bT5X0aCFFI79pDDsfTpXXw3vno/k9P3pWKPUZqdEyGacs1kQyj+wi22bqjY95Per++S7BA8NfuR7+XCxby4ZFYMX/wAkQ68M9OZmBOG5N7mrr7Iu4ZW3oAWvwqgG/kuuTv5Yy5ytFx58q7Pt2osyKfd2amX7KnMZWYZzqyqWlQIDAQAB";
const RSASSA_PSS: &str = "MIIBIDALBgkqhkiG9w0BAQoDggEPADCCAQoCggEBAN/tjV4O5gWU7LH9wwlsJlRnReIIi6b2RbZY+0PzhHtVauxLkyREMYcoEo+qI6Mj914d3Kq6R4NselVt2a7nAM73GYjmpUyjbKq0IM3SlBA0jkF/TFeEJGTtfVgbxgJBbt26TGZz1xSfltM9xCrWJxgaZ5/DYQSdpD0KCuX5O1NFR+rCNMB2JaAJLiy8Dx2fJo4YlDThPG0Ucn/yxtYrgry8dBEld8Z8nCgOni2npH+gIMn6QLkxA1Ja6Mqo0G9fJV0B6hW6ri21RroAkb3aPBXWMU4mZU2iCkNvywiSAhhS5sPXP17RzQc+faMYLboxRe9zgI/7eAnkE90UZDZT2BUCAwEAAQ==";
const EC: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEImQLKnv+P532fADh3fKwnxEBcE4D95SpRX8Uqr5412v8bceHbnGoe9/M2QSJq+UxC9xLS5fceBWDm+vsODLFLA==";
/// The private key of RFC 8410, section 10.3.
const PRIVATE: &str = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC";

fn read(record: &str) -> Result<RsaKey, InvalidSecret> {
    RsaKey::new(record)
}

#[test]
fn a_record_is_read_with_a_key_in_base64_or_in_pem() {
    let lines: String = OF_2048_BITS
        .as_bytes()
        .chunks(64)
        .map(|line| format!("{}\n", str::from_utf8(line).unwrap()))
        .collect();
    for record in [
        format!("{ID} sha256 {OF_2048_BITS}"),
        format!("{ID}  SHA-256\t{OF_2048_BITS}\n"),
        format!("{ID} SHA256 -----BEGIN PUBLIC KEY-----\n{lines}-----END PUBLIC KEY-----\n"),
    ] {
        let key = read(&record).unwrap();
        assert_eq!((key.id(), key.digest()), (ID, RsaDigest::Sha256));
        assert_eq!(
            format!("{key:?}"),
            format!("RsaKey {{ id: {ID:?}, digest: Sha256, .. }}")
        );
    }
}

#[test]
fn a_digest_is_one_of_three() {
    for (name, digest) in [
        ("sha224", RsaDigest::Sha224),
        ("SHA224", RsaDigest::Sha224),
        ("Sha-256", RsaDigest::Sha256),
        ("SHA-512", RsaDigest::Sha512),
    ] {
        assert_eq!(RsaDigest::parse(name.as_bytes()), Some(digest), "{name}");
    }
    for name in ["", "sha", "sha1", "sha384", "sha2567", "md5", "sha 256"] {
        assert_eq!(RsaDigest::parse(name.as_bytes()), None, "{name}");
    }
}

#[test]
fn each_mistake_of_a_record_has_a_reason_of_its_own() {
    use InvalidSecret as Is;
    let longest = "k".repeat(128);
    let wrong = [
        (String::new(), Is::KeyRecord),
        (ID.into(), Is::KeyRecord),
        (format!("{ID} sha256"), Is::KeyRecord),
        (format!("a,b sha256 {OF_2048_BITS}"), Is::KeyRecord),
        (format!("{longest}k sha256 {OF_2048_BITS}"), Is::KeyRecord),
        (format!("clé sha256 {OF_2048_BITS}"), Is::KeyRecord),
        (format!("{ID} {OF_2048_BITS}"), Is::KeyDigest),
        (format!("sha256 {ID} {OF_2048_BITS}"), Is::KeyDigest),
        (format!("{ID} sha1 {OF_2048_BITS}"), Is::KeyDigest),
        (format!("{ID} sha256 {OF_1024_BITS}"), Is::KeySize),
        (format!("{ID} sha256 {OF_2047_BITS}"), Is::KeySize),
        (format!("{ID} sha256 {PRIVATE}"), Is::KeyPrivate),
        (
            format!("{ID} sha256 -----BEGIN RSA PRIVATE KEY-----"),
            Is::KeyPrivate,
        ),
        (format!("{ID} sha256 {PKCS1}"), Is::KeyForm),
        (format!("{ID} sha256 {RSASSA_PSS}"), Is::KeyForm),
        (format!("{ID} sha256 {EC}"), Is::KeyForm),
        (format!("{ID} sha256 {OF_2048_BITS}AAAA"), Is::KeyForm),
        (format!("{ID} sha256 made-up"), Is::KeyForm),
    ];
    for (record, reason) in wrong {
        assert_eq!(read(&record).unwrap_err(), reason, "{record}");
    }
    let longest = format!("{longest} sha256 {OF_2048_BITS}");
    assert!(read(&longest).is_ok());
    let not_utf8 = RsaKey::new(b"k\xff sha256 AAAA");
    assert_eq!(not_utf8.unwrap_err(), Is::NotUtf8);
}

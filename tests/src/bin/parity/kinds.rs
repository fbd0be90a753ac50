//! What is wrong with the cases that are not authentic.

use fastrand::Rng;

use crate::{
    case::Case,
    damage::{
        Damage, add_white_space, change_case_of_names, drop_headers, drop_padding, drop_undefined,
        empty_header, flip_body, flip_nonce, flip_signature, flip_timestamp, insert_control,
        insert_non_ascii, join_header, lengthen, make_replacement_characters_invalid, nothing,
        other_timestamp, repeat_header, resize_body, set_unused_bits, several, shift_boundary,
        swap_values, use_url_alphabet, write_in_hex,
    },
    prepare::{
        Prepare, around_the_limit, as_usual, at_another_time, naming_undefined,
        with_algorithm_in_other_case, with_dots, with_nonce_of_odd_characters,
        with_nonce_of_odd_length, with_odd_timestamp, with_other_algorithm, with_other_secret,
        with_replacement_characters, without_algorithm,
    },
    setting::Setting,
    unsigned::Unsigned,
};

pub(crate) fn case<'s>(rng: &mut Rng, setting: &'s Setting, index: usize) -> Case<'s> {
    let mut unsigned = Unsigned::random(rng, setting);
    if index.is_multiple_of(3) {
        return unsigned.sign(rng, setting);
    }
    let turn = index / 3 * 2 + index % 3 - 1;
    let (prepare, damage) = KINDS[turn % KINDS.len()];
    prepare(rng, setting, &mut unsigned);
    let mut case = unsigned.sign(rng, setting);
    damage(rng, &mut case);
    case
}

const KINDS: &[(Prepare, Damage)] = &[
    (as_usual, flip_body),
    (as_usual, flip_body),
    (as_usual, resize_body),
    (
        with_replacement_characters,
        make_replacement_characters_invalid,
    ),
    (as_usual, flip_signature),
    (as_usual, flip_nonce),
    (as_usual, flip_timestamp),
    (as_usual, other_timestamp),
    (with_dots, shift_boundary),
    (with_dots, shift_boundary),
    (as_usual, set_unused_bits),
    (as_usual, drop_padding),
    (as_usual, use_url_alphabet),
    (as_usual, write_in_hex),
    (as_usual, drop_headers),
    (naming_undefined, drop_undefined),
    (as_usual, repeat_header),
    (as_usual, repeat_header),
    (as_usual, join_header),
    (as_usual, empty_header),
    (as_usual, add_white_space),
    (as_usual, change_case_of_names),
    (as_usual, insert_non_ascii),
    (as_usual, insert_control),
    (as_usual, lengthen),
    (as_usual, swap_values),
    (as_usual, several),
    (as_usual, several),
    (with_odd_timestamp, nothing),
    (with_odd_timestamp, nothing),
    (with_nonce_of_odd_characters, nothing),
    (with_nonce_of_odd_length, nothing),
    (with_odd_timestamp, several),
    (with_nonce_of_odd_characters, several),
    (with_other_algorithm, nothing),
    (with_algorithm_in_other_case, nothing),
    (without_algorithm, nothing),
    (with_other_secret, nothing),
    (around_the_limit, nothing),
    (around_the_limit, several),
    (at_another_time, nothing),
    (at_another_time, nothing),
];

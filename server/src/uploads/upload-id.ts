import { customAlphabet } from "nanoid";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** 64 letters and digits, more than 370 random bits: clients put it into paths as it is. */
export const newUploadId: () => string = customAlphabet(ALPHABET, 64);

// How much may be typed into a field, in characters as the platform counts them (UTF-16): at three bytes each, all of it fits the field's
// record (proto/record/), whatever the script.

export const MOST = {
  reason: 330,
  text: 1300,
  address: 100,
  phone: 21,
  name: 60, // of a caller, an authority
  call: 42, // a call's or document's number
  demanded: 330,
};

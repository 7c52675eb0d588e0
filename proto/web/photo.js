// Photos made small on the device: drawn anew on a canvas, which leaves position, device and other metadata behind.

const LONG_SIDE_PX = 1600;
const JPEG_QUALITY = 0.82;

/** @param {Blob} file a picture as the camera made it @returns {Promise<Blob>} a JPEG, upright, at most LONG_SIDE_PX long */
export async function shrinkPhoto(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONG_SIDE_PX / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser cannot draw pictures");
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error("the picture could not be written"))),
      "image/jpeg",
      JPEG_QUALITY,
    ),
  );
}

// Packages that come without types.
declare module "express";

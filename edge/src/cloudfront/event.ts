/** What CloudFront hands to a Lambda@Edge function
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html). */
export interface CloudFrontEvent {
  readonly Records: readonly [{ readonly cf: Cf }];
}

export interface Cf {
  readonly config: { readonly eventType: string; readonly requestId?: string };
  readonly request: CloudFrontRequest;
  readonly response?: CloudFrontResponse;
}

/** Names in lower case; several values of one are several entries. */
export interface Headers {
  [name: string]: Entry[];
}

export interface Entry {
  key?: string;
  value: string;
}

export interface CloudFrontRequest {
  readonly method: string;
  readonly uri?: string;
  readonly headers: Headers;
  readonly body?: {
    readonly inputTruncated: boolean;
    readonly action?: string;
    readonly encoding: string;
    readonly data: string;
  };
  readonly origin?: {
    readonly custom?: {
      readonly customHeaders: Headers;
      readonly domainName: string;
      readonly path: string;
    };
  };
}

export interface CloudFrontResponse {
  readonly status: string;
  readonly statusDescription?: string;
  readonly headers: Headers;
}

/** An answer of the edge's own. */
export interface Generated {
  readonly status: string;
  readonly statusDescription: string;
  readonly headers: Headers;
  readonly body: string;
  readonly bodyEncoding: "text";
}

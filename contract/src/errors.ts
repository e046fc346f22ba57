/**
 * Every error the API answers. A number is public: it never changes meaning and is never reused.
 *
 * This block is the whole of the published table (`testdata/error-codes.tsv`), message by message, byte for
 * byte: three messages of volumes hold no-break spaces. Code 6009 has two rows there, so two kinds have it.
 */
export const PUBLISHED_ERRORS = {
  // platform maintenance
  maintenance: { code: 0, status: 503, message: "The Platform is currently under maintenance." },
  // general
  rateLimitExceeded: { code: 1000, status: 429, message: "Rate limit exceeded! Check response headers." },
  // user
  userServiceUnavailable: { code: 2000, status: 503, message: "User service is currently unavailable." },
  userForbidden: { code: 2001, status: 403, message: "Not enough privileges to access requested user info." },
  userNotFound: { code: 2002, status: 404, message: "Requested user does not exist." },
  userExists: { code: 2003, status: 409, message: "Requested user already exists." },
  // projects
  projectServiceUnavailable: { code: 3000, status: 503, message: "Project service is currently unavailable." },
  projectForbidden: { code: 3001, status: 403, message: "Not enough privileges to access the requested project/member." },
  projectNotFound: { code: 3002, status: 404, message: "Requested project or member does not exist." },
  projectExists: { code: 3003, status: 409, message: "Requested project/member already exists" },
  projectOwnerEmpty: { code: 3004, status: 400, message: "Owner's username must not be null or empty string." },
  memberUsernameEmpty: { code: 3005, status: 400, message: "Member username must not be null or empty string." },
  projectIdEmpty: { code: 3006, status: 400, message: "Project id must not be null or an empty string." },
  projectNameEmpty: { code: 3007, status: 400, message: "Project name must not be null or empty string." },
  projectBillingGroupEmpty: { code: 3008, status: 400, message: "Billing group id must not be null or empty string" },
  projectTypeEmpty: { code: 3009, status: 400, message: "Project type must not be null or empty string." },
  projectTypeInvalid: {
    code: 3010,
    status: 400,
    message: "Project type can be either v2 for standard projects or v1 for LEGACY projects",
  },
  permissionsEmpty: { code: 3011, status: 400, message: "Project permissions must not null or an empty value" },
  projectMalformedId: { code: 3012, status: 400, message: "Malformed project id. Expecting `owner/project`" },
  permissionsIncomplete: { code: 3013, status: 400, message: "Please provide all permissions data." },
  // billing
  billingServiceUnavailable: { code: 4000, status: 503, message: "Billing service is currently unavailable." },
  billingForbidden: {
    code: 4001,
    status: 403,
    message: "Insufficient privileges to access the requested billing group/invoice.",
  },
  billingNotFound: { code: 4002, status: 404, message: "Requested billing group/invoice does not exist." },
  billingExists: { code: 4003, status: 409, message: "Requested billing group/invoice already exist." },
  billingGroupIdEmpty: { code: 4004, status: 400, message: "Billing group id must not be null or an empty string." },
  billingGroupIdInvalid: { code: 4005, status: 400, message: "Billing group id must be a valid UUID." },
  billingGroupNotMember: { code: 4006, status: 403, message: "You are not a member of this billing group." },
  invoiceIdEmpty: { code: 4007, status: 400, message: "Invoice id must not be null or an empty string." },
  // files
  fileServiceUnavailable: { code: 5000, status: 503, message: "File service is currently unavailable." },
  fileForbidden: { code: 5001, status: 403, message: "Insufficient privileges to access the requested file." },
  fileNotFound: { code: 5002, status: 404, message: "Requested file does not exist." },
  fileExists: { code: 5003, status: 409, message: "Requested file already exists." },
  fileIdEmpty: { code: 5004, status: 400, message: "File id must not be null or an empty string." },
  fileProjectQueryMalformed: {
    code: 5005,
    status: 400,
    message: "Malformed project query parameter. Expecting `?project=owner/project`",
  },
  metadataInvalid: { code: 5006, status: 400, message: "Metadata validation failed." },
  fileCopyFailed: { code: 5007, status: 400, message: "File copy failed." },
  fileRenameForbidden: { code: 5008, status: 403, message: "File renaming not allowed." },
  metadataForbidden: { code: 5009, status: 403, message: "Modifying metadata is not allowed." },
  metadataServiceUnavailable: { code: 5010, status: 503, message: "Metadata service is currently unavailable." },
  // apps
  appServiceUnavailable: { code: 6000, status: 503, message: "App service is currently unavailable." },
  appForbidden: { code: 6001, status: 403, message: "Insufficient privileges to access the requested app/revision." },
  appNotFound: { code: 6002, status: 404, message: "Requested app/revision does not exist." },
  appExists: { code: 6003, status: 409, message: "Requested app/revision already exists." },
  appNameEmpty: { code: 6004, status: 400, message: "App name must not be null or an empty string." },
  appProjectOwnerEmpty: { code: 6006, status: 400, message: "Project owner must not be null or an empty string." },
  appProjectEmpty: { code: 6007, status: 400, message: "Project must not be null or an empty string." },
  appRevisionEmpty: { code: 6008, status: 400, message: "App revision must not be null or an empty string." },
  appRevisionNotInteger: { code: 6009, status: 400, message: "App revision must be a valid integer." },
  appSourceProjectEmpty: { code: 6009, status: 400, message: "Source project must not be null or an empty string." },
  appSourceEmpty: { code: 6010, status: 400, message: "Source app must not be null or an empty string." },
  appMalformedId: { code: 6011, status: 400, message: "Malformed app id. Expecting `owner/project/app_name/revision`." },
  appVisibilityInvalid: {
    code: 6012,
    status: 400,
    message: "Invalid visibility query parameter. Allowed values: [`PUBLIC`,` PRIVATE`].",
  },
  // tasks
  taskServiceUnavailable: { code: 7000, status: 503, message: "Task service is currently unavailable." },
  taskForbidden: { code: 7001, status: 403, message: "Insufficient privileges to access the requested task." },
  taskNotFound: { code: 7002, status: 404, message: "Requested task does not exist." },
  taskExists: { code: 7003, status: 409, message: "Requested task already exists." },
  taskIdEmpty: { code: 7004, status: 400, message: "Task ID must not be empty or null or an empty string." },
  taskIdInvalid: { code: 7005, status: 400, message: "Task ID must be a valid UUID." },
  taskStatusInvalid: {
    code: 7006,
    status: 400,
    message: "Invalid task status. Allowed values: [`QUEUED`, `DRAFT`, `RUNNING`, `COMPLETED`, `ABORTED`, `ABORTING`, `FAILED`]",
  },
  taskNotDraft: { code: 7007, status: 403, message: "This action is only available for `DRAFT` tasks." },
  taskNotRunning: { code: 7008, status: 403, message: "This action is only available for `RUNNING` tasks." },
  taskNotDraftOrRunning: {
    code: 7009,
    status: 400,
    message: "Invalid task action. Action can be performed only on `DRAFT` or `RUNNING` tasks.",
  },
  taskRunNotDraft: { code: 7010, status: 400, message: "Invalid task action. Action can be performed on `DRAFT` tasks." },
  taskAbortNotActive: {
    code: 7011,
    status: 400,
    message: "Invalid task action. Action can be performed on tasks in the states: `CREATING`, `RUNNING` or `QUEUED`.",
  },
  taskInputsMissing: { code: 7012, status: 400, message: "Missing inputs." },
  taskActionInvalid: { code: 7013, status: 400, message: "Invalid task action." },
  taskActionEmpty: { code: 7014, status: 400, message: "Action parameter must not be null or an empty string." },
  taskAppIdEmpty: { code: 7015, status: 400, message: "App Id must not be null or an empty string." },
  taskAppInvalid: { code: 7016, status: 400, message: "Invalid app url." },
  taskAppNotCwl: { code: 7017, status: 400, message: "Only Common Workflow Language (CWL) tasks are supported." },
  batchInputEmpty: {
    code: 7018,
    status: 400,
    message: "Batch input property should reference input identifier or omitted. Empty value is not allowed.",
  },
  batchCriteriaMissing: { code: 7019, status: 400, message: "Missing batch criteria." },
  batchTypeInvalid: { code: 7020, status: 400, message: "Invalid batch type supplied. Allowed values: `[criteria, item]`." },
  batchDisabledWithoutRun: {
    code: 7021,
    status: 400,
    message: "Batching can only be disabled if the task is submitted for execution.",
  },
  taskNotBatch: { code: 7022, status: 400, message: "Disabling batching action is only available for `BATCH` tasks." },
  batchFieldsIncomplete: {
    code: 7023,
    status: 400,
    message: "Missing `batch_by` or `batch_input` fields. These fields must be included together.",
  },
  taskValidationErrors: { code: 7024, status: 400, message: "Task can not be started due to validation errors." },
  // upload
  uploadServiceUnavailable: { code: 8000, status: 503, message: "Upload service is currently unavailable." },
  uploadForbidden: { code: 8001, status: 403, message: "Insufficient privileges to access the requested upload." },
  uploadFileForbidden: { code: 8002, status: 403, message: "Insufficient privileges to access the requested file." },
  uploadNotFound: { code: 8003, status: 404, message: "Requested upload does not exist." },
  uploadFileExists: { code: 8004, status: 409, message: "Requested file already exists." },
  uploadFileNotFound: { code: 8005, status: 404, message: "Requested file does not exist." },
  uploadExists: { code: 8006, status: 409, message: "Requested upload already exists." },
  uploadCompleteFailed: { code: 8007, status: 409, message: "Failed to complete upload." },
  uploadPartReserveFailed: { code: 8008, status: 409, message: "Failed to reserve part for upload. Try again." },
  uploadAbortFailed: { code: 8009, status: 409, message: "Failed to abort upload." },
  uploadProjectMalformedId: { code: 8010, status: 400, message: "Malformed project id. Expecting `owner/project`." },
  uploadIdEmpty: { code: 8011, status: 400, message: "Upload id must not be null or an empty string." },
  uploadPartNumberInvalid: { code: 8012, status: 400, message: "Part number is missing or invalid." },
  uploadInitInvalid: { code: 8013, status: 400, message: "Invalid init request." },
  uploadPartReportInvalid: { code: 8014, status: 400, message: "Invalid part report." },
  uploadPartListInvalid: {
    code: 8015,
    status: 400,
    message: 'Invalid list of parts. Expecting an object with "parts": [ array of part reports ].',
  },
  // volumes
  volumeServiceUnreachable: { code: 9000, status: 503, message: "There was an error communicating with the service." },
  volumeReadForbidden: { code: 9001, status: 403, message: "Could not obtain read access on the service." },
  volumeCrossWriteForbidden: { code: 9002, status: 403, message: "Could not obtain cross-write access on the service." },
  volumeProjectForbidden: { code: 9003, status: 403, message: "Insufficient privileges to access the requested project." },
  volumeFileForbidden: { code: 9004, status: 403, message: "Insufficient privileges to access the requested file." },
  volumeJobForbidden: { code: 9005, status: 403, message: "Insufficient privileges to access the requested\u00a0job." },
  volumeFileNotExportable: { code: 9006, status: 403, message: "Requested file cannot be exported." },
  volumeNotFound: { code: 9007, status: 404, message: "Requested volume does not exist." },
  volumeJobNotFound: { code: 9008, status: 404, message: "Requested job does not exist." },
  volumeFileNotFound: { code: 9009, status: 404, message: "Requested file does not exist." },
  volumeExists: { code: 9010, status: 409, message: "Requested volume name already exists." },
  volumeRequestInvalid: { code: 9011, status: 400, message: "Invalid request syntax." },
  volumeProjectNotFound: { code: 9012, status: 400, message: "Requested project or member does not exist." },
  volumeNameEmpty: { code: 9013, status: 400, message: "Volume\u00a0name\u00a0must not be null or an empty string." },
  volumeNameInvalid: {
    code: 9014,
    status: 400,
    message: "Volume name must consist of up to 32 English letters, numbers and underscores.",
  },
  volumeAccessModeInvalid: {
    code: 9015,
    status: 400,
    message: '"access_mode"\u00a0must be provided\u00a0(either "RO" or "RW").',
  },
  volumeServiceMissing: { code: 9016, status: 400, message: '"service" object must be provided.' },
  volumeServiceInvalid: { code: 9017, status: 400, message: '"service" object is invalid. Check the documentation.' },
  volumeFileNameUnknown: { code: 9018, status: 400, message: "Cannot infer file name and none given." },
  volumeServiceInvalidAgain: { code: 9019, status: 400, message: '"service" object is invalid. Check the documentation.' },
  volumeTimeInvalid: { code: 9021, status: 400, message: "Invalid time format. Check the documentation." },
  volumeCannedAclInvalid: {
    code: 9022,
    status: 400,
    message: 'Invalid canned ACL selected ("aws_canned_acl"). Check the documentation.',
  },
  volumeEncryptionInvalid: {
    code: 9023,
    status: 400,
    message: 'Invalid server-side encryption selected ("sse_algorithm"). Check the documentation.',
  },
  volumeStorageClassInvalid: {
    code: 9024,
    status: 400,
    message: 'Invalid S3 storage class selected ("aws_storage_class"). Check the documentation.',
  },
  volumePrivateKeyInvalid: {
    code: 9025,
    status: 400,
    message: 'Invalid private key given ("private_key"). Check the documentation.',
  },
  volumeExportAcrossClouds: {
    code: 9027,
    status: 403,
    message: "Exporting files across different cloud services is not yet supported.",
  },
  volumeExportAcrossCloudsAgain: {
    code: 9028,
    status: 403,
    message: "Exporting files across different cloud services is not yet supported.",
  },
  volumeNotWritable: { code: 9101, status: 403, message: 'The volume is not configured for writing ("access_mode": "RW").' },
  // general validation
  badRequest: { code: 90000, status: 400, message: "Bad request." },
  unauthorized: { code: 90001, status: 401, message: "Unauthorized." },
  forbidden: { code: 90002, status: 403, message: "Forbidden." },
  notFound: { code: 90003, status: 404, message: "Not found." },
  unexpected: { code: 90004, status: 500, message: "Unexpected error happened." },
  serviceUnavailable: { code: 90005, status: 503, message: "Service unavailable." },
  methodNotAllowed: { code: 90006, status: 405, message: "Method not allowed." },
  conflict: { code: 90007, status: 409, message: "Conflict." },
  unsupportedMediaType: { code: 90008, status: 415, message: "Unsupported Media Type." },
  undecodable: { code: 90009, status: 400, message: "An error occurred during the decoding of the request content." },
} as const satisfies Readonly<Record<string, ErrorEntry>>;

/** Codes of newer published tables and of the pages of single calls; the words are ours. */
export const FURTHER_ERRORS = {
  // users and teams (users-billing-projects.md §H)
  divisionMissing: { code: 2105, status: 400, message: "A division must be named to list its users or teams." },

  // files and folders (files.md §10)
  tagsForbidden: { code: 5011, status: 403, message: "Changing the tags of this file is not allowed." },
  folderTypeInvalid: { code: 5012, status: 400, message: "Only items of type `folder` can be created here." },
  fileCopyForbidden: { code: 5014, status: 403, message: "Insufficient privileges to copy the requested file." },
  fileMoveBetweenProjects: { code: 5015, status: 400, message: "Files can only be moved within their project." },
  folderDownload: { code: 5017, status: 400, message: "A folder cannot be downloaded." },
  folderCopy: { code: 5018, status: 400, message: "A folder cannot be copied by this call." },
  folderNotEmpty: { code: 5021, status: 400, message: "The folder is not empty." },
  parentNotFolder: { code: 5022, status: 400, message: "The given parent is not a folder." },
  folderDetailsFixed: { code: 5023, status: 400, message: "The details of a folder cannot be changed." },
  fileNameInvalid: { code: 5024, status: 400, message: "Invalid file or folder name." },
  folderMetadata: { code: 5025, status: 400, message: "A folder has no metadata to change." },
  destinationFolderNotFound: { code: 5026, status: 404, message: "The destination folder does not exist." },
  folderTags: { code: 5027, status: 400, message: "A folder has no tags to change." },
  destinationMissing: { code: 5029, status: 400, message: "Either a parent folder or a project must be given." },
  folderExists: { code: 5030, status: 409, message: "A folder of this name already exists there." },
  destinationAmbiguous: { code: 5031, status: 400, message: "Give either a parent folder or a project, not both." },
  fileMoveForbidden: { code: 5032, status: 403, message: "Insufficient privileges to move the requested file." },
  fileRequestInvalid: { code: 5033, status: 400, message: "Invalid file request." },
  fileVolumeInactive: { code: 5034, status: 409, message: "The file lies on a volume that is not active." },
  metadataKeyEmpty: { code: 5035, status: 400, message: "A metadata key must not be empty." },

  // search (files.md §6, §10)
  searchServiceUnavailable: { code: 13000, status: 503, message: "Search service is currently unavailable." },
  searchForbidden: { code: 13001, status: 403, message: "Insufficient privileges to search the requested location." },
  searchLocationNotFound: { code: 13002, status: 404, message: "The location to search does not exist." },
  searchInconsistent: { code: 13004, status: 503, message: "The search index is changing. Try again." },

  // scroll tokens and asynchronous jobs on files (files.md §3.14, §5)
  scrollTokenUndecodable: { code: 57000, status: 400, message: "The continuation token cannot be decoded." },
  scrollTokenInvalid: { code: 57001, status: 400, message: "The continuation token is not valid or has expired." },
  asyncFileMissing: { code: 57002, status: 400, message: "Every item must name a file." },
  asyncDestinationMissing: { code: 57003, status: 400, message: "Every item must name a parent folder or a project." },
  asyncSameFileSameDestination: { code: 57005, status: 400, message: "A file is sent to the same destination twice." },
  asyncCopyCycle: { code: 57006, status: 400, message: "The items to copy form a cycle." },
  asyncDestinationUnexpected: { code: 57007, status: 400, message: "A deletion takes no destination." },
  asyncFileTwice: { code: 57008, status: 400, message: "A file is listed twice." },
  asyncCopyToOwnParent: { code: 57009, status: 400, message: "A folder cannot be copied into its own parent." },
  asyncCopyIntoItself: { code: 57010, status: 400, message: "A folder cannot be copied into itself or below." },
  asyncMoveToOwnParent: { code: 57011, status: 400, message: "A folder cannot be moved into its own parent." },
  asyncMoveIntoItself: { code: 57012, status: 400, message: "A folder cannot be moved into itself or below." },
  asyncCopyItemsInvalid: { code: 57014, status: 400, message: "The items to copy must be a list of objects." },
  asyncCopyKindUnknown: { code: 57015, status: 400, message: "The kind of an item to copy is not given." },
  asyncMoveCycle: { code: 57016, status: 400, message: "The items to move form a cycle." },
  asyncCopyDestinationNotFolder: { code: 57017, status: 400, message: "The destination of a copy must be a folder." },
  asyncFileNameInvalid: { code: 57018, status: 400, message: "Invalid new name of a file." },
  asyncFolderNameInvalid: { code: 57019, status: 400, message: "Invalid new name of a folder." },
  asyncCopyRoot: { code: 57020, status: 400, message: "The root folder of a project cannot be copied." },
  asyncMoveDestinationNotFolder: { code: 57021, status: 400, message: "The destination of a move must be a folder." },
  asyncMoveRoot: { code: 57022, status: 400, message: "The root folder of a project cannot be moved." },
  asyncItemsInvalid: { code: 57023, status: 400, message: "The items must be a list of objects." },
  asyncKindUnknown: { code: 57026, status: 400, message: "The kind of an item is not given." },
  asyncFileBlank: { code: 57030, status: 400, message: "The file of an item must not be blank." },
  asyncDestinationBlank: { code: 57036, status: 400, message: "The destination of an item must not be blank." },
  asyncItemsMissing: { code: 57038, status: 400, message: "At least one item must be given." },
  asyncJobNotFound: { code: 57039, status: 404, message: "Requested job does not exist." },
  asyncJobNotAbortable: { code: 57040, status: 409, message: "The job cannot be aborted in its present state." },
  asyncBadRequest: { code: 57429, status: 400, message: "Invalid job request." },
  asyncUnauthorized: { code: 57430, status: 401, message: "The job request is not authenticated." },
  asyncForbidden: { code: 57431, status: 403, message: "Insufficient privileges for the requested job." },
  asyncNotFound: { code: 57432, status: 404, message: "A thing that the job needs does not exist." },
  asyncConflict: { code: 57433, status: 409, message: "The job is in conflict with what is there." },
  asyncUnexpected: { code: 57434, status: 500, message: "The job failed unexpectedly." },

  // volumes (volumes.md §4)
  volumeForbidden: { code: 9020, status: 403, message: "Insufficient privileges on the requested volume." },
  volumeReadOnly: { code: 9026, status: 403, message: "The volume is read-only." },
  volumeGoogleCredentialsInvalid: { code: 9029, status: 400, message: "The type of the Google credentials is not recognised." },
  volumeNameUnderscores: {
    code: 9030,
    status: 400,
    message: "Underscores in a volume name must be single and stand between letters or numbers.",
  },
  volumeAzureCredentialsInvalid: { code: 9031, status: 400, message: "The type of the Azure credentials is not recognised." },
  volumeS3CredentialsInvalid: { code: 9034, status: 400, message: "The type of the S3 credentials is not recognised." },
  volumeOssReadOnly: { code: 9038, status: 403, message: "OSS volumes can only be read-only here." },
  volumeAzureReadOnly: { code: 9039, status: 403, message: "Azure volumes can only be read-only here." },
  volumeFederationForbidden: {
    code: 9040,
    status: 403,
    message: "Authentication to Google through another identity provider is not allowed here.",
  },
  volumeGcsReadOnly: { code: 9057, status: 403, message: "Google Cloud Storage volumes can only be read-only here." },
  volumeS3ReadOnly: { code: 9058, status: 403, message: "S3 volumes can only be read-only here." },
  volumeInactive: { code: 9069, status: 409, message: "The volume is not active." },
  volumeLocationSlash: { code: 9072, status: 400, message: "The location of an object must not end with a slash." },
  volumeJobServiceUnreachable: { code: 9100, status: 503, message: "The job could not communicate with the service." },
  volumeJobProjectForbidden: { code: 9102, status: 403, message: "The job has no privileges on the project any more." },
  volumeJobItemForbidden: { code: 9103, status: 403, message: "The job has no privileges on the item any more." },
  volumeJobVolumeGone: { code: 9104, status: 404, message: "The volume of the job does not exist any more." },
  volumeObjectNotFound: { code: 9105, status: 404, message: "There is no object at this location on the volume." },
  volumeJobFileGone: { code: 9106, status: 404, message: "The file of the job does not exist any more." },
  volumeObjectExists: { code: 9107, status: 409, message: "An object already exists at this location." },
  volumeItemExists: { code: 9108, status: 409, message: "An item of this name already exists at the destination." },
  volumeJobFileUnavailable: { code: 9109, status: 404, message: "The file of the job is not there or cannot be read." },
  volumeBucketNotFound: { code: 9200, status: 404, message: "The bucket does not exist." },
  volumeAccessKeyUnknown: { code: 9201, status: 403, message: "The service does not know the access key." },
  volumeSecretWrong: { code: 9202, status: 403, message: "The secret does not belong to the access key." },
  volumeRoleInvalid: { code: 9203, status: 403, message: "The role is not valid or cannot be assumed." },
  volumeListForbidden: { code: 9204, status: 403, message: "The credentials do not permit to list the bucket." },
  volumeObjectReadForbidden: {
    code: 9205,
    status: 403,
    message: "The credentials do not permit to read objects under the prefix.",
  },
  volumeObjectWriteForbidden: {
    code: 9206,
    status: 403,
    message: "The credentials do not permit to write objects under the prefix.",
  },
  volumeAclReadForbidden: {
    code: 9207,
    status: 403,
    message: "The credentials do not permit to read the access lists of objects.",
  },
  volumePlatformBucketForbidden: {
    code: 9208,
    status: 403,
    message: "The credentials do not permit to read the bucket of the platform.",
  },
  volumeRegionReadOnly: { code: 9209, status: 403, message: "Volumes of this endpoint or region can only be read-only here." },

  // imports of objects of DRS services (volumes.md §2.15, §4; files.md §10)
  drsImportNotFound: { code: 10211, status: 404, message: "Requested import does not exist." },
  drsDestinationForbidden: { code: 10221, status: 403, message: "Insufficient privileges on the destination." },
  drsDestinationNotFound: { code: 10222, status: 404, message: "The destination does not exist." },
  drsFileExists: { code: 10223, status: 409, message: "A file of this name already exists at the destination." },
  drsFolderExists: { code: 10224, status: 409, message: "A folder of this name already exists at the destination." },
  drsSourceNotFound: { code: 10225, status: 404, message: "The object to import does not exist." },
  drsSourceForbidden: { code: 10226, status: 403, message: "The object to import may not be read." },
  drsDestinationNotFolder: { code: 10227, status: 400, message: "The destination is not a folder." },
  drsDestinationMissing: { code: 10228, status: 400, message: "Either a project or a parent folder must be given." },
  drsNameInvalid: { code: 10235, status: 400, message: "Invalid name." },
  drsUriInvalid: { code: 10246, status: 400, message: "Invalid URI of an object to import." },
  drsMetadataInvalid: { code: 10248, status: 400, message: "Invalid metadata." },
  drsBundleNameInvalid: { code: 10276, status: 400, message: "Something in the bundle has a name that no file can have." },
  drsBundleEntryInvalid: { code: 10277, status: 400, message: "Something in the bundle cannot be found by its id." },
  drsBundleTooLarge: { code: 10278, status: 400, message: "The bundle holds too much." },
  drsTooManyImports: { code: 10371, status: 429, message: "Too many imports are under way." },
  drsBundleConflict: { code: 10372, status: 409, message: "Two things of the bundle have the same name." },

  // general (conventions.md §8)
  notImplemented: { code: 90010, status: 501, message: "Not implemented." },
  requestTooLarge: { code: 90413, status: 413, message: "The request asks for too much at once." },
  importFailed: { code: 90011, status: 400, message: "Import failed. Check the links and the credentials." },
} as const satisfies Readonly<Record<string, ErrorEntry>>;

export const API_ERRORS = { ...PUBLISHED_ERRORS, ...FURTHER_ERRORS } as const;

export type ErrorKind = keyof typeof API_ERRORS;

export interface ErrorEntry {
  readonly code: number;
  /** The HTTP status. */
  readonly status: number;
  readonly message: string;
}

/** The body of every 4xx and 5xx answer (conventions.md §8): these four keys and no others. */
export interface ErrorEnvelope {
  status: number;
  code: number;
  message: string;
  /** Absolute URL of the page about the code. */
  more_info: string;
}

/**
 * The error body of `kind`. `baseUrl` is the public base URL, ending in `/v2`. The message is the table's, byte for
 * byte; `detail`, one sentence that names the place and what is allowed there, travels in `more_info`.
 */
export function errorEnvelope(kind: ErrorKind, baseUrl: string, detail?: string): ErrorEnvelope {
  const { code, status, message } = API_ERRORS[kind];
  return { status, code, message, more_info: moreInfo(code, baseUrl, detail) };
}

/** The error body of `kind` in GA4GH's APIs (volumes.md §2.16): `detail` stands behind the message. */
export function ga4ghError(kind: ErrorKind, detail?: string): { msg: string; status_code: number } {
  const { status, message } = API_ERRORS[kind];
  return { msg: detail === undefined ? message : `${message} ${detail.toWellFormed()}`, status_code: status };
}

/** Where the documentation served beside the API explains `code`; that page shows `detail`, when there is one, on top. */
export function moreInfo(code: number, baseUrl: string, detail?: string): string {
  const query = detail === undefined ? "" : `?detail=${encodeURIComponent(detail.slice(0, 500).toWellFormed())}`;
  return `${baseUrl.replace(/\/v2\/?$/, "")}/docs/api-status-codes${query}#${code}`;
}

/** The sentence that `moreInfo` put into an error's `more_info`, for a client that wants to show it. */
export function detailOf(moreInfoUrl: string): string | undefined {
  return URL.parse(moreInfoUrl)?.searchParams.get("detail") ?? undefined;
}

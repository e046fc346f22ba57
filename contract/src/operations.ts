import * as apps from "./apps/operations.ts";
import * as billing from "./billing/operations.ts";
import * as bulk from "./bulk/operations.ts";
import * as divisions from "./divisions/operations.ts";
import * as drsImports from "./drs-imports/operations.ts";
import * as asynchronous from "./file-operations/operations.ts";
import * as listing from "./files/listing.ts";
import * as files from "./files/operations.ts";
import * as general from "./general/operations.ts";
import * as markers from "./markers/operations.ts";
import type { Operation } from "./operation.ts";
import * as projects from "./projects/operations.ts";
import * as search from "./search/operations.ts";
import * as tasks from "./tasks/operations.ts";
import * as teams from "./teams/operations.ts";
import * as uploads from "./uploads/operations.ts";
import * as users from "./users/operations.ts";
import * as volumeJobs from "./volumes/jobs/operations.ts";
import * as volumes from "./volumes/operations.ts";

/** Every call of the API by its id. A server serves those it has handlers for, and describes those (`openApi`). */
export const OPERATIONS = {
  // general
  getRoot: general.getRoot,
  getRateLimit: general.getRateLimit,
  sendFeedback: general.sendFeedback,
  // users
  getMe: users.getMe,
  getUser: users.getUser,
  listUsers: users.listUsers,
  deleteUser: users.deleteUser,
  // billing
  getBilling: billing.getBilling,
  listBillingGroups: billing.listBillingGroups,
  getBillingGroup: billing.getBillingGroup,
  listAnalysisCosts: billing.listAnalysisCosts,
  listStorageCosts: billing.listStorageCosts,
  listEgressCosts: billing.listEgressCosts,
  getSpendingByProject: billing.getSpendingByProject,
  listInvoices: billing.listInvoices,
  getInvoice: billing.getInvoice,
  // projects
  listProjects: projects.listProjects,
  listProjectsOfOwner: projects.listProjectsOfOwner,
  createProject: projects.createProject,
  getProject: projects.getProject,
  updateProject: projects.updateProject,
  deleteProject: projects.deleteProject,
  listMembers: projects.listMembers,
  addMember: projects.addMember,
  getMember: projects.getMember,
  removeMember: projects.removeMember,
  getMemberPermissions: projects.getMemberPermissions,
  changeMemberPermissions: projects.changeMemberPermissions,
  replaceMemberPermissions: projects.replaceMemberPermissions,
  // files
  listFiles: listing.listFiles,
  listProjectFiles: listing.listProjectFiles,
  listFolder: listing.listFolder,
  scrollFiles: listing.scrollFiles,
  scrollFolder: listing.scrollFolder,
  createFolder: files.createFolder,
  getFile: files.getFile,
  updateFile: files.updateFile,
  deleteFile: files.deleteFile,
  getDownloadInfo: files.getDownloadInfo,
  getFileMetadata: files.getFileMetadata,
  updateFileMetadata: files.updateFileMetadata,
  replaceFileMetadata: files.replaceFileMetadata,
  getFileTags: files.getFileTags,
  replaceFileTags: files.replaceFileTags,
  copyFile: files.copyFile,
  moveFile: files.moveFile,
  copyFiles: files.copyFiles,
  findFileIds: files.findFileIds,
  // uploads
  startUpload: uploads.startUpload,
  listUploads: uploads.listUploads,
  getUpload: uploads.getUpload,
  getUploadPart: uploads.getUploadPart,
  reportUploadPart: uploads.reportUploadPart,
  reportUploadParts: uploads.reportUploadParts,
  completeUpload: uploads.completeUpload,
  abortUpload: uploads.abortUpload,
  // apps
  listApps: apps.listApps,
  getApp: apps.getApp,
  getAppRevision: apps.getAppRevision,
  getAppRaw: apps.getAppRaw,
  getAppRevisionRaw: apps.getAppRevisionRaw,
  createApp: apps.createApp,
  createAppRevision: apps.createAppRevision,
  copyApp: apps.copyApp,
  copyAppRevision: apps.copyAppRevision,
  syncApp: apps.syncApp,
  // tasks
  listTasks: tasks.listTasks,
  listProjectTasks: tasks.listProjectTasks,
  createTask: tasks.createTask,
  getTask: tasks.getTask,
  updateTask: tasks.updateTask,
  deleteTask: tasks.deleteTask,
  getTaskInputs: tasks.getTaskInputs,
  updateTaskInputs: tasks.updateTaskInputs,
  runTask: tasks.runTask,
  abortTask: tasks.abortTask,
  cloneTask: tasks.cloneTask,
  actOnTask: tasks.actOnTask,
  getExecutionDetails: tasks.getExecutionDetails,
  // bulk
  getFiles: bulk.getFiles,
  deleteFiles: bulk.deleteFiles,
  replaceFiles: bulk.replaceFiles,
  editFiles: bulk.editFiles,
  getTasks: bulk.getTasks,
  // async
  startCopy: asynchronous.startCopy,
  startMove: asynchronous.startMove,
  startDelete: asynchronous.startDelete,
  getCopy: asynchronous.getCopy,
  getMove: asynchronous.getMove,
  getDelete: asynchronous.getDelete,
  listFileJobs: asynchronous.listFileJobs,
  // search
  searchFiles: search.searchFiles,
  // markers
  listMarkers: markers.listMarkers,
  createMarker: markers.createMarker,
  getMarker: markers.getMarker,
  updateMarker: markers.updateMarker,
  deleteMarker: markers.deleteMarker,
  // volumes
  listVolumes: volumes.listVolumes,
  createVolume: volumes.createVolume,
  getVolume: volumes.getVolume,
  updateVolume: volumes.updateVolume,
  deleteVolume: volumes.deleteVolume,
  listVolumeObjects: volumes.listVolumeObjects,
  getVolumeObject: volumes.getVolumeObject,
  listVolumeMembers: volumes.listVolumeMembers,
  addVolumeMember: volumes.addVolumeMember,
  getVolumeMember: volumes.getVolumeMember,
  removeVolumeMember: volumes.removeVolumeMember,
  changeVolumePermissions: volumes.changeVolumePermissions,
  replaceVolumePermissions: volumes.replaceVolumePermissions,
  startImport: volumeJobs.startImport,
  listImports: volumeJobs.listImports,
  getImport: volumeJobs.getImport,
  startImports: volumeJobs.startImports,
  getImports: volumeJobs.getImports,
  startExport: volumeJobs.startExport,
  listExports: volumeJobs.listExports,
  getExport: volumeJobs.getExport,
  startExports: volumeJobs.startExports,
  getExports: volumeJobs.getExports,
  startDrsImport: drsImports.startDrsImport,
  getDrsImport: drsImports.getDrsImport,
  // divisions
  listDivisions: divisions.listDivisions,
  getDivision: divisions.getDivision,
  listDivisionTeams: divisions.listDivisionTeams,
  // teams
  listTeams: teams.listTeams,
  createTeam: teams.createTeam,
  getTeam: teams.getTeam,
  renameTeam: teams.renameTeam,
  deleteTeam: teams.deleteTeam,
  listTeamMembers: teams.listTeamMembers,
  addTeamMember: teams.addTeamMember,
  getTeamMember: teams.getTeamMember,
  removeTeamMember: teams.removeTeamMember,
} as const satisfies Readonly<Record<string, Operation>>;

export type Operations = typeof OPERATIONS;
